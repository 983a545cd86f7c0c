//! What a value is made of: the variants of enums in it, which of its optional parts are there, and its
//! texts. It reads the value as the codec does, through serde, and so misses nothing that is written.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// What was found in some values.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Enums by name, with the variants found.
    pub variants: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// Optional parts by where they stand, with whether they were found absent and found there.
    pub optional: BTreeMap<String, BTreeSet<bool>>,
    /// Texts by where they stand.
    pub texts: BTreeMap<String, BTreeSet<String>>,
}

impl Seen {
    /// Adds a variant.
    pub fn note(&mut self, name: &'static str, variant: &'static str) {
        self.variants.entry(name).or_default().insert(variant);
    }

    /// Adds what was found elsewhere.
    pub fn add(&mut self, other: &Self) {
        for (name, variants) in &other.variants {
            self.variants.entry(name).or_default().extend(variants);
        }
        for (place, found) in &other.optional {
            self.optional.entry(place.clone()).or_default().extend(found);
        }
        for (place, texts) in &other.texts {
            self.texts.entry(place.clone()).or_default().extend(texts.iter().cloned());
        }
    }
}

/// Returns what a value is made of.
///
/// # Panics
/// When the value refuses to be written.
pub fn variants_in(value: &impl Serialize) -> Seen {
    let mut seen = Seen::default();
    let walk = Walk { seen: &mut seen, place: String::new() };
    value.serialize(walk).expect("what is sent can be written");
    seen
}

/// A value's own refusal: the walk itself refuses nothing.
#[derive(Debug)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: fmt::Display>(said: T) -> Self {
        Self(said.to_string())
    }
}

/// Walks through a value that stands at a place: a field of a struct, a variant of an enum.
struct Walk<'a> {
    seen: &'a mut Seen,
    place: String,
}

impl Walk<'_> {
    fn part(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Refused> {
        value.serialize(Walk { seen: self.seen, place: self.place.clone() })
    }

    fn field(&mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), Refused> {
        value.serialize(Walk { seen: self.seen, place: format!("{}.{key}", self.place) })
    }

    fn option(&mut self, there: bool) {
        self.seen.optional.entry(self.place.clone()).or_default().insert(there);
    }

    fn variant(self, name: &'static str, variant: &'static str) -> Self {
        self.seen.note(name, variant);
        Self { place: format!("{name}::{variant}"), ..self }
    }
}

/// Values without parts.
macro_rules! plain {
    ($($method:ident: $type:ty),+ $(,)?) => {
        $(fn $method(self, _value: $type) -> Result<(), Refused> {
            Ok(())
        })+
    };
}

impl Serializer for Walk<'_> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    plain! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128, serialize_i128: i128, serialize_f32: f32, serialize_f64: f64, serialize_char: char,
        serialize_bytes: &[u8], serialize_unit_struct: &'static str,
    }

    /// As the codec: some types have a form for people and one for bytes.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_str(self, value: &str) -> Result<(), Refused> {
        self.seen.texts.entry(self.place).or_default().insert(value.to_owned());
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        Ok(())
    }

    fn serialize_none(mut self) -> Result<(), Refused> {
        self.option(false);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(mut self, value: &T) -> Result<(), Refused> {
        self.option(true);
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        _number: u32,
        variant: &'static str,
    ) -> Result<(), Refused> {
        self.variant(name, variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(Self { place: name.to_owned(), ..self })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _number: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(self.variant(name, variant))
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, name: &'static str, _len: usize) -> Result<Self, Refused> {
        Ok(Self { place: name.to_owned(), ..self })
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _number: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Self, Refused> {
        Ok(self.variant(name, variant))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Self, Refused> {
        Ok(Self { place: name.to_owned(), ..self })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _number: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Self, Refused> {
        Ok(self.variant(name, variant))
    }
}

/// Values with parts in a row.
macro_rules! row {
    ($($kind:ident: $method:ident),+ $(,)?) => {
        $(impl $kind for Walk<'_> {
            type Ok = ();
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
                self.part(value)
            }

            fn end(self) -> Result<(), Refused> {
                Ok(())
            }
        })+
    };
}

row! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field,
}

impl SerializeMap for Walk<'_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        self.part(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.part(value)
    }

    fn end(self) -> Result<(), Refused> {
        Ok(())
    }
}

/// Values with named parts.
macro_rules! named {
    ($($kind:ident),+) => {
        $(impl $kind for Walk<'_> {
            type Ok = ();
            type Error = Refused;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Refused> {
                self.field(key, value)
            }

            fn end(self) -> Result<(), Refused> {
                Ok(())
            }
        })+
    };
}

named!(SerializeStruct, SerializeStructVariant);
