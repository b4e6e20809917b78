// SPDX-License-Identifier: GPL-2.0

//! The names that a driver on this layer uses. No driver uses all of them.

#![allow(unused_imports)]

pub(crate) use super::{
    NewFile,
    NewInode,
    Registration,
    StreamDevice, //
};
pub(crate) use crate::kernel_ext::{
    anon_file::AnonFs,
    compat::{
        param_value,
        FIONREAD, //
    },
    fasync::FasyncQueues,
    iov::{
        copy_all_from,
        copy_to, //
    },
    kiocb::IoCall,
    mapping::{
        self,
        Access,
        SharedPages,
        SharedWord, //
    },
    poll::{
        PollEvents,
        PollTable,
        PollWaitQueue, //
    }, //
};
// rustdoc would copy these items' pages, with links that lead nowhere.
#[doc(no_inline)]
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
    new_mutex,
    seq_file::{
        seq_print,
        SeqFile, //
    },
    static_lock_class,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc,
        Mutex, //
    },
    uaccess::{
        UserPtr,
        UserSlice, //
    }, //
};
