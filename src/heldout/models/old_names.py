"""Names of older versions of Keras, and what they are called now (X-115)."""

from __future__ import annotations

import re

OLD = {
    r"\blr\b": "learning_rate instead of lr",
    r"\bdecay\b": "a schedule of heldout.training.schedules instead of decay",
    r"\bfit_generator\b|\bevaluate_generator\b|\bpredict_generator\b": "fit, evaluate and predict take generators themselves",
    r"\bpredict_classes\b": "predict(...).argmax(axis=1), or > 0.5 for one unit",
    r"\bpredict_proba\b": "predict: its answers are the probabilities",
    r"\bImageDataGenerator\b|preprocessing\.image": "keras.utils.image_dataset_from_directory and the layers RandomFlip, RandomRotation, RandomZoom",
    r"preprocessing\.text|\bTokenizer\b": "keras.layers.TextVectorization",
    r"\bto_categorical\b": "keras.utils.to_categorical",
    r"preprocessing\.sequence": "keras.utils.pad_sequences",
    r"\binput_shape\b|\bbatch_input_shape\b|\binput_dim\b": "keras.Input(shape) as the first of the list, instead of input_shape",
    r"\binput_length\b": "leave input_length out",
    r"\bnb_epoch\b": "epochs instead of nb_epoch",
    r"\bwrappers\b|scikit_learn": "heldout.training.NetClassifier and NetRegressor",
    r"CuDNN(LSTM|GRU)": "keras.layers.LSTM and GRU: they use the GPU themselves",
    r"\bweights\.h5\b|filepath.*\.weights": 'a file of weights ends in ".weights.h5"',
    r"\bkeras\.backend\b|\bkeras\.objectives\b": "keras.ops and keras.losses",
    r"tensorflow\.keras|tf\.keras|No module named 'tensorflow'": "import keras: it runs without TensorFlow",
    r"\bmerge\b": "keras.layers.Concatenate, Add or Multiply",
    r"\bConvolution2D\b": "keras.layers.Conv2D",
}
"""Pattern in a message or source: what to write today."""


def hint(message: str) -> str:
    """What to write instead of an old name in this message; "" where there is none.

    >>> hint("Argument(s) not recognized: {'lr': 0.001}")
    'write learning_rate instead of lr'
    >>> hint("something else")
    ''
    """
    for pattern, now in OLD.items():
        if re.search(pattern, message):
            verb = "" if now.startswith(("leave", "import", "a file", "fit,")) else "write "
            return verb + now
    return ""
