"""The operators that heldout writes. A graph with any other is refused before it is loaded.

All are pure functions of their inputs: none reads a file, draws a random number, keeps state or
holds a subgraph.
"""

_STANDARD = """
Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Clip Concat Constant
ConstantOfShape Conv CumSum Div Elu Equal Erf Exp Expand Flatten Floor GRU Gather GatherElements
GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual HardSigmoid Identity
IsInf IsNaN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max MaxPool
Mean Min Mod Mul Neg Not OneHot Or PRelu Pad Pow Range Reciprocal ReduceL1 ReduceL2 ReduceMax
ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape Resize Round
ScatterElements ScatterND Selu Shape Sigmoid Sign Size Slice Softmax Softplus Softsign Split Sqrt
Squeeze StringConcat StringSplit TfIdfVectorizer Sub Sum Tanh Tile TopK Transpose Unsqueeze Where Xor
"""
_ML = "ArrayFeatureExtractor Binarizer LabelEncoder OneHotEncoder Scaler TreeEnsemble"

ALLOWED: dict[str, frozenset[str]] = {
    "": frozenset(_STANDARD.split()),
    "ai.onnx.ml": frozenset(_ML.split()),
}
"""Operator names by domain ("" is the standard's own)."""
