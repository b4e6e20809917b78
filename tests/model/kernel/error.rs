// SPDX-License-Identifier: GPL-2.0

//! Error codes.

/// An error code of the kernel, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(&'static str);

/// A result with an [`Error`].
pub type Result<T = (), E = Error> = core::result::Result<T, E>;

pub mod code {
    //! The error codes that fifo/ uses.

    use super::Error;

    macro_rules! codes {
        ($($name:ident)*) => {
            $(
                #[allow(missing_docs)]
                pub const $name: Error = Error(stringify!($name));
            )*
        };
    }
    codes!(EAGAIN EBUSY EFAULT EINVAL ENODEV ENOMEM EPERM EPIPE ERESTARTSYS);
}
