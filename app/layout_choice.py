"""How the columns of files are read by whoever loads them: as a person has saved it, or as the program knows them."""

from collections.abc import Sequence
from pathlib import Path

from app.context import AppContext
from tracker.pipeline.layouts import AUTO, ChosenLayout, chosen_layout


def layout_for(context: AppContext, paths: Sequence[Path], key: str = AUTO) -> ChosenLayout:
    """The saved layout of a key, or with `auto` those whose headings the files have.

    Raises:
        UsageError: there is none of that key, or the files want one heading read in two ways.
    """
    return chosen_layout(context.store, paths, key=key, max_mib=context.config.ingest.max_file_mib)
