// SPDX-License-Identifier: GPL-2.0

//! The attributes of the kernel crate that the model needs.

use proc_macro::{
    Delimiter,
    Group,
    TokenStream,
    TokenTree, //
};

/// Removes `#[pin]` from the fields of the struct: the model pins nothing.
#[proc_macro_attribute]
pub fn pin_data(_args: TokenStream, item: TokenStream) -> TokenStream {
    without_pin(item)
}

/// Removes the tests, which are for KUnit.
#[proc_macro_attribute]
pub fn kunit_tests(_args: TokenStream, _item: TokenStream) -> TokenStream {
    TokenStream::new()
}

fn without_pin(tokens: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        if is_hash && tokens.peek().is_some_and(is_pin) {
            tokens.next();
            continue;
        }
        kept.push(match token {
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), without_pin(group.stream())).into()
            }
            token => token,
        });
    }
    kept.into_iter().collect()
}

fn is_pin(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group)
        if group.delimiter() == Delimiter::Bracket && group.stream().to_string() == "pin")
}
