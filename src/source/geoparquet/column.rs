use std::fs::File;
use std::sync::Arc;

use ::parquet::basic::Type as Physical;
use ::parquet::column::reader::ColumnReaderImpl;
use ::parquet::data_type::{
    AsBytes, BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray,
    FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::RowGroupMetaData;
use ::parquet::file::serialized_reader::SerializedPageReader;

use super::guard::{Budget, Guard, Pages};
use super::kinds::Raw;
use crate::source::scalar::of_single;

/// A column of a row group, of which some rows are decoded.
pub(super) enum Column {
    Boolean(Typed<BoolType>),
    Int32(Typed<Int32Type>),
    Int64(Typed<Int64Type>),
    Float(Typed<FloatType>),
    Double(Typed<DoubleType>),
    Bytes(Typed<ByteArrayType>),
    Fixed(Typed<FixedLenByteArrayType>),
}

/// The same of one type.
pub(super) struct Typed<T: DataType> {
    name: String,
    reader: ColumnReaderImpl<T>,
    /// True where rows may have none.
    optional: bool,
    cells: Vec<Option<T::T>>,
}

impl Column {
    pub fn open(
        group: &RowGroupMetaData,
        leaf: usize,
        source: &Arc<File>,
        budget: &Arc<Budget>,
    ) -> Result<Self> {
        let column = group.column(leaf);
        Ok(match column.column_type() {
            Physical::BOOLEAN => Self::Boolean(Typed::open(group, leaf, source, budget)?),
            Physical::INT32 => Self::Int32(Typed::open(group, leaf, source, budget)?),
            Physical::INT64 => Self::Int64(Typed::open(group, leaf, source, budget)?),
            Physical::FLOAT => Self::Float(Typed::open(group, leaf, source, budget)?),
            Physical::DOUBLE => Self::Double(Typed::open(group, leaf, source, budget)?),
            Physical::BYTE_ARRAY => Self::Bytes(Typed::open(group, leaf, source, budget)?),
            Physical::FIXED_LEN_BYTE_ARRAY => {
                Self::Fixed(Typed::open(group, leaf, source, budget)?)
            }
            other @ Physical::INT96 => {
                return Err(ParquetError::General(format!("cells of type {other}")));
            }
        })
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Boolean(typed) => &typed.name,
            Self::Int32(typed) => &typed.name,
            Self::Int64(typed) => &typed.name,
            Self::Float(typed) => &typed.name,
            Self::Double(typed) => &typed.name,
            Self::Bytes(typed) => &typed.name,
            Self::Fixed(typed) => &typed.name,
        }
    }

    /// Decodes the next rows.
    pub fn fill(&mut self, count: usize) -> Result<()> {
        match self {
            Self::Boolean(typed) => typed.fill(count),
            Self::Int32(typed) => typed.fill(count),
            Self::Int64(typed) => typed.fill(count),
            Self::Float(typed) => typed.fill(count),
            Self::Double(typed) => typed.fill(count),
            Self::Bytes(typed) => typed.fill(count),
            Self::Fixed(typed) => typed.fill(count),
        }
    }

    /// A cell of the rows that are decoded.
    pub fn cell(&self, row: usize) -> Option<Raw<'_>> {
        Some(match self {
            Self::Boolean(typed) => Raw::Boolean(*typed.at(row)?),
            Self::Int32(typed) => Raw::Int32(*typed.at(row)?),
            Self::Int64(typed) => Raw::Int64(*typed.at(row)?),
            Self::Float(typed) => Raw::Number(of_single(*typed.at(row)?)),
            Self::Double(typed) => Raw::Number(*typed.at(row)?),
            Self::Bytes(typed) => Raw::Bytes(ByteArray::as_bytes(typed.at(row)?)),
            Self::Fixed(typed) => Raw::Bytes(FixedLenByteArray::as_bytes(typed.at(row)?)),
        })
    }
}

/// The pages of a column of a row group, looked at before they are decoded.
pub(super) fn pages(
    group: &RowGroupMetaData,
    leaf: usize,
    source: &Arc<File>,
    budget: &Arc<Budget>,
) -> Result<Pages<SerializedPageReader<Guard>>> {
    let column = group.column(leaf);
    let guard = Arc::new(Guard::new(source, column.compression(), budget));
    let rows = usize::try_from(group.num_rows())?;
    let begins = column
        .dictionary_page_offset()
        .unwrap_or(column.data_page_offset());
    if begins < 0 || column.compressed_size() < 0 {
        let reason = "a column's place in the file is negative".to_owned();
        return Err(ParquetError::General(reason));
    }
    let pages = SerializedPageReader::new(guard, column, rows, None)?;
    Ok(Pages::new(pages, column.column_descr()))
}

impl<T: DataType> Typed<T> {
    fn open(
        group: &RowGroupMetaData,
        leaf: usize,
        source: &Arc<File>,
        budget: &Arc<Budget>,
    ) -> Result<Self> {
        let described = group.column(leaf).column_descr_ptr();
        let pages = pages(group, leaf, source, budget)?;
        Ok(Self {
            name: described.name().to_owned(),
            optional: described.max_def_level() > 0,
            reader: ColumnReaderImpl::new(described, Box::new(pages)),
            cells: Vec::new(),
        })
    }

    fn at(&self, row: usize) -> Option<&T::T> {
        self.cells.get(row)?.as_ref()
    }

    fn fill(&mut self, count: usize) -> Result<()> {
        self.cells.clear();
        while self.cells.len() < count {
            let wanted = count - self.cells.len();
            let (mut levels, mut values) = (Vec::new(), Vec::new());
            let given = self.optional.then_some(&mut levels);
            let (records, ..) = self.reader.read_records(wanted, given, None, &mut values)?;
            if records == 0 {
                return Err(ParquetError::General("fewer cells than rows".to_owned()));
            }
            let mut values = values.into_iter();
            if self.optional {
                for level in levels {
                    self.cells
                        .push(if level > 0 { values.next() } else { None });
                }
            } else {
                self.cells.extend(values.map(Some));
            }
        }
        if self.cells.len() == count {
            Ok(())
        } else {
            Err(ParquetError::General("more cells than rows".to_owned()))
        }
    }
}
