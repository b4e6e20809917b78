// SPDX-License-Identifier: GPL-2.0

//! The names that a driver on this layer uses. No driver uses all of them.

#![allow(unused_imports)]

pub(crate) use super::{
    Registration,
    StreamDevice, //
};
pub(crate) use crate::kernel_ext::{
    compat::param_value,
    fasync::FasyncQueues,
    kiocb::IoCall,
    poll::{
        PollEvents,
        PollTable,
        PollWaitQueue, //
    }, //
};
pub(crate) use kernel::{
    fs::{
        file::flags,
        File, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    mm::virt::VmaNew,
    seq_file::{
        seq_print,
        SeqFile, //
    },
    sync::Arc,
    uaccess::{
        UserPtr,
        UserSlice, //
    }, //
};
