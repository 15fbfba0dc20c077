//! What most nouns are made of: enums with a text and a number, and contents that can be changed.

use std::fmt::Debug;
use std::str::FromStr;

use thiserror::Error;

/// The text is no value of the enum.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("is not a value of this enum")]
pub struct NameError;

/// An enum made by [`named!`](crate::named). It is read from its text.
pub trait Named: Copy + PartialEq + Debug + FromStr<Err = NameError> + 'static {
    /// Its values, in the order of their numbers.
    const ALL: &'static [Self];

    /// How it is stored: `plug_in_hybrid`.
    fn text(self) -> &'static str;

    /// Its number in the API.
    fn number(self) -> i32;

    /// The value of a number.
    fn of_number(number: i32) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.number() == number)
    }
}

/// Makes a [`Named`](crate::Named) enum: each value with its number in the API and the text that is
/// stored.
///
/// ```
/// steward_kernel::named! {
///     /// A season.
///     Season {
///         Summer = 1 "summer",
///         Winter = 2 "winter",
///     }
/// }
/// use steward_kernel::Named as _;
/// assert_eq!(Season::of_number(2), Some(Season::Winter));
/// assert_eq!("summer".parse(), Ok(Season::Summer));
/// ```
#[macro_export]
macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($variant:ident = $number:literal $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant = $number,)+
        }

        impl $crate::Named for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            fn number(self) -> i32 {
                self as i32
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::NameError;

            fn from_str(text: &str) -> ::core::result::Result<Self, $crate::NameError> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err($crate::NameError) }
            }
        }
    };
}

/// Makes two structs of one list of fields: what of a resource can be changed, and a draft of it as
/// a request gives it, in which what is not asked for is `None`. The fields have the names that they
/// have in the API.
///
/// ```
/// steward_kernel::content! {
///     /// What of a door can be changed.
///     Content / Draft {
///         /// Its colour.
///         color: String,
///         /// Its width.
///         width_mm: i32,
///     }
/// }
/// let red = Draft { color: Some("red".to_owned()), width_mm: None };
/// assert_eq!(red.clone().whole(), None);
/// let old = Content { color: "blue".to_owned(), width_mm: 900 };
/// assert_eq!(red.over(&old), Content { color: "red".to_owned(), width_mm: 900 });
/// assert_eq!(Draft::FIELDS, ["color", "width_mm"]);
/// ```
#[macro_export]
macro_rules! content {
    ($(#[$about:meta])* $content:ident / $draft:ident {
        $($(#[$meta:meta])* $field:ident: $type:ty,)+
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $content {
            $($(#[$meta])* pub $field: $type,)+
        }

        /// The same as a request gives it: what is not asked for is `None`.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $draft {
            $($(#[$meta])* pub $field: Option<$type>,)+
        }

        impl $draft {
            /// The fields by name, as in the API.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field),)+];

            /// The content of a new resource; `None` if the draft lacks something.
            pub fn whole(self) -> Option<$content> {
                Some($content { $($field: self.$field?,)+ })
            }

            /// The old content with what the draft says instead.
            pub fn over(self, old: &$content) -> $content {
                $content { $($field: self.$field.unwrap_or_else(|| old.$field.clone()),)+ }
            }
        }
    };
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "what the macro makes is public")]
mod tests {
    use super::*;

    crate::named! {
        /// For these tests.
        Power {
            Petrol = 1 "petrol",
            PlugInHybrid = 5 "plug_in_hybrid",
        }
    }

    #[test]
    fn an_enum_goes_to_text_and_number_and_back() {
        assert_eq!(Power::ALL, [Power::Petrol, Power::PlugInHybrid]);
        for value in Power::ALL {
            assert_eq!(value.text().parse(), Ok(*value));
            assert_eq!(Power::of_number(value.number()), Some(*value));
        }
        assert_eq!(Power::PlugInHybrid.number(), 5);
        assert_eq!("Petrol".parse::<Power>(), Err(NameError));
        assert_eq!((Power::of_number(0), Power::of_number(2)), (None, None));
    }
}
