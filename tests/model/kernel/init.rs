// SPDX-License-Identifier: GPL-2.0

//! Initializers. The model moves what the kernel pins.

/// Creates a `T`.
pub trait PinInit<T> {
    /// Creates the value.
    fn make(self) -> T;
}

impl<T, F: FnOnce() -> T> PinInit<T> for F {
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
