"""Every kind of layer: the table that every opinion must have a rule for."""

from typing import TypeAlias

from gradcheck.network.attention import Attention, Residual
from gradcheck.network.dense import Activation, Dense, Dropout, Embedding, Flatten, Last
from gradcheck.network.norms import BatchNorm, LayerNorm, RMSNorm
from gradcheck.network.own import Own
from gradcheck.network.recurrent import GRU, LSTM, Recurrent
from gradcheck.network.windows import AveragePool, Conv, MaxPool

Layer: TypeAlias = (
    Dense
    | Activation
    | Embedding
    | Dropout
    | Flatten
    | Last
    | Recurrent
    | LSTM
    | GRU
    | Conv
    | MaxPool
    | AveragePool
    | BatchNorm
    | LayerNorm
    | RMSNorm
    | Attention
    | Residual
    | Own
)

# By the name that the text form calls it; those that a user registers come behind.
LAYERS: dict[str, type[Layer]] = {
    "dense": Dense,
    "activation": Activation,
    "embedding": Embedding,
    "dropout": Dropout,
    "flatten": Flatten,
    "last": Last,
    "rnn": Recurrent,
    "lstm": LSTM,
    "gru": GRU,
    "conv": Conv,
    "maxpool": MaxPool,
    "avgpool": AveragePool,
    "batchnorm": BatchNorm,
    "layernorm": LayerNorm,
    "rmsnorm": RMSNorm,
    "attention": Attention,
    "residual": Residual,
}
