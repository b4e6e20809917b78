// SPDX-License-Identifier: GPL-2.0

//! Initializers. The model moves what the kernel pins.

/// Creates a `T`. Nothing fails with an `E` in the model.
pub trait PinInit<T, E = ()> {
    /// Creates the value.
    fn make(self) -> T;
}

impl<T, E, F: FnOnce() -> T> PinInit<T, E> for F {
    fn make(self) -> T {
        self()
    }
}

/// Creates an initializer of a struct. A field has a value, or after `<-` an initializer.
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

/// The same.
#[macro_export]
macro_rules! try_pin_init {
    ($($tokens:tt)*) => {
        $crate::pin_init!($($tokens)*)
    };
}
