// SPDX-License-Identifier: GPL-2.0

//! Initialisers. The model moves what the kernel pins.

/// Makes a `T`.
pub trait PinInit<T> {
    /// Makes it.
    fn make(self) -> T;
}

impl<T, F: FnOnce() -> T> PinInit<T> for F {
    fn make(self) -> T {
        self()
    }
}

/// An initialiser of a struct: a field is given by its value, or after `<-` by an initialiser.
#[macro_export]
macro_rules! pin_init {
    (@ $type:ident [$($made:tt)*]) => {
        move || $type { $($made)* }
    };
    (@ $type:ident [$($made:tt)*] $field:ident <- $init:expr, $($rest:tt)*) => {
        $crate::pin_init!(@ $type
            [$($made)* $field: $crate::init::PinInit::make($init),] $($rest)*)
    };
    (@ $type:ident [$($made:tt)*] $field:ident: $value:expr, $($rest:tt)*) => {
        $crate::pin_init!(@ $type [$($made)* $field: $value,] $($rest)*)
    };
    (@ $type:ident [$($made:tt)*] $field:ident, $($rest:tt)*) => {
        $crate::pin_init!(@ $type [$($made)* $field,] $($rest)*)
    };
    ($type:ident { $($fields:tt)* }) => {
        $crate::pin_init!(@ $type [] $($fields)*)
    };
}
