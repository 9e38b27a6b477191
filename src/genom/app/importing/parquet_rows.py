"""Rows of Parquet, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from genom.app.importing.rows import Broken, Row

__all__ = ["ParquetReader"]

_BATCH: Final = 4_096  # rows


class ParquetReader:
    """Reads Parquet; row 1 is the first one."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._file = pq.ParquetFile(stream, pre_buffer=False)
        except (pa.ArrowException, OSError) as error:
            raise Broken(
                f"the Parquet file cannot be opened ({_short(error)})", "it is cut off or damaged: copy it again"
            ) from None
        self.header = [str(name) for name in self._file.schema_arrow.names]
        self.count = int(self._file.metadata.num_rows)

    def rows(self, stream: BinaryIO) -> Iterator[Row]:
        """The rows of the stream that it was opened with."""
        del stream
        number = 0
        try:
            for batch in self._file.iter_batches(_BATCH):
                columns = [_plain(column).to_pylist() for column in batch.columns]
                for values in zip(*columns, strict=True):
                    number += 1
                    yield Row(number, dict(zip(self.header, values, strict=True)))
        except (pa.ArrowException, OSError) as error:
            raise Broken(
                f"the Parquet file is damaged after row {number:,} ({_short(error)})", "copy it again and import it"
            ) from None


def _plain(column: Any) -> Any:
    """Times to the microsecond, which is what Python has."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
