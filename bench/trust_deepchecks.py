"""Run deepchecks on planted cases, in an interpreter of its own: see ``trust_leaks.py --deepchecks``.

    PYTHON bench/trust_deepchecks.py FOLDER

FOLDER holds NAME.csv and NAME.json (target, whether it is a number). Prints a JSON line a case: the
checks whose own default conditions fail, with their words. Of its suites for one table and for a
split those checks run that speak of leaks and of copies; drift, outliers and pairs of columns that
go together are left out (most of the time, and no leak). It needs numpy < 2 and pandas < 2.2.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    """All cases of the folder, by name."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    for path in sorted(folder.glob("*.json")):
        said = json.loads(path.read_text())
        print(json.dumps({"case": path.stem, "failed": _failed(path.with_suffix(".csv"), said)}))
        sys.stdout.flush()


def _failed(path: Path, said: dict[str, Any]) -> list[dict[str, str]]:
    import pandas as pd
    from deepchecks.tabular import Dataset, checks

    frame = pd.read_csv(path)
    options: dict[str, Any] = {
        "label": said["target"],
        "label_type": "regression" if said["number"] else None,
    }
    for name in frame.columns:  # generous: what it must be told, it is told
        if name in ("planted_id", "planted_person_id"):
            options["index_name"] = name
        elif name == "planted_day":
            frame[name] = pd.to_datetime(frame[name])
            options["datetime_name"] = name
    third = frame.sample(frac=1 / 3, random_state=0).index
    whole = Dataset(frame, **options)
    options["cat_features"] = (
        whole.cat_features
    )  # as guessed from all rows: a third may guess otherwise
    train, test = Dataset(frame.drop(third), **options), Dataset(frame.loc[third], **options)
    one = (
        checks.DataDuplicates().add_condition_ratio_less_or_equal(),
        checks.ConflictingLabels().add_condition_ratio_of_conflicting_labels_less_or_equal(),
        checks.FeatureLabelCorrelation().add_condition_feature_pps_less_than(),
        checks.IdentifierLabelCorrelation().add_condition_pps_less_or_equal(),
    )
    two = (
        checks.IndexTrainTestLeakage().add_condition_ratio_less_or_equal(),
        checks.DateTrainTestLeakageDuplicates().add_condition_leakage_ratio_less_or_equal(),
        checks.TrainTestSamplesMix().add_condition_duplicates_ratio_less_or_equal(),
        checks.FeatureLabelCorrelationChange()
        .add_condition_feature_pps_difference_less_than()
        .add_condition_feature_pps_in_train_less_than(),
    )
    found = []
    for check, data in [*[(c, (whole,)) for c in one], *[(c, (train, test)) for c in two]]:
        try:
            results = check.run(*data).conditions_results
        except Exception:
            continue
        found += [
            {"check": type(check).__name__, "said": str(r.details)[:300]}
            for r in results
            if r.category.value in ("FAIL", "WARN")
        ]
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
