"""Names of older versions of Keras: gone here, and answered with what they are called today."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import keras
import pytest

from heldout.core.errors import HeldoutError
from heldout.models.guests import admit
from heldout.models.old_names import hint


@pytest.mark.requirement("PLATFORM-07", "X-115")
def test_old_names_are_gone_and_have_a_successor() -> None:
    with pytest.raises(ValueError, match="lr") as told:
        keras.optimizers.Adam(lr=0.001)
    assert hint(str(told.value)) == "write learning_rate instead of lr"
    for name in ("fit_generator", "predict_classes", "evaluate_generator"):
        assert not hasattr(keras.Model, name)
        assert hint(f"'Sequential' object has no attribute '{name}'")
    assert importlib.util.find_spec("keras.preprocessing.text") is None
    assert "TextVectorization" in hint("No module named 'keras.preprocessing.text'")
    with pytest.raises(ValueError, match="weights") as told:
        keras.callbacks.ModelCheckpoint("w.h5", save_weights_only=True)
    assert hint(str(told.value)) == 'a file of weights ends in ".weights.h5"'
    with pytest.warns(UserWarning, match="input_shape"):
        keras.layers.Dense(1, input_shape=(3,))


@pytest.mark.requirement("PLATFORM-07")
@pytest.mark.parametrize(
    ("line", "now"),
    [
        ("from keras.preprocessing.image import ImageDataGenerator", "RandomFlip"),
        ("from tensorflow.keras import layers", "without TensorFlow"),
        ("import keras; keras.layers.CuDNNLSTM(4)", "keras.layers.LSTM"),
        ("import keras; keras.layers.Convolution2D(4, 3); keras.layers.merge", "keras.layers"),
    ],
)
def test_a_file_with_an_old_name_is_answered(tmp_path: Path, line: str, now: str) -> None:
    (tmp_path / "old_net.py").write_text(f"{line}\ndef build(): ...\n")
    with pytest.raises(HeldoutError) as told:
        admit(str(tmp_path / "old_net.py"))
    assert now in told.value.do[0]
