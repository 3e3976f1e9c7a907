"""First weights by what follows them: their spread must neither fade nor grow from layer to layer."""

from __future__ import annotations

CHOICES = ("he_normal", "glorot_uniform", "lecun_normal")

_BY_ACTIVATION = {
    **dict.fromkeys(
        (
            "relu",
            "relu6",
            "leaky_relu",
            "prelu",
            "elu",
            "silu",
            "swish",
            "gelu",
            "mish",
            "softplus",
        ),
        "he_normal",
    ),
    "selu": "lecun_normal",
}


def for_activation(activation: str | None) -> str:
    """He's for those that cut off one half (variance 2 / inputs; He et al. 2015), LeCun's for SELU
    (1 / inputs; Klambauer et al. 2017), else Glorot's (2 / (inputs + outputs); 2010).

    >>> for_activation("relu"), for_activation("selu"), for_activation("tanh"), for_activation(None)
    ('he_normal', 'lecun_normal', 'glorot_uniform', 'glorot_uniform')
    """
    return _BY_ACTIVATION.get(activation or "linear", "glorot_uniform")
