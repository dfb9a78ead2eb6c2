package ocellus.models.arch;

import java.util.Locale;
import java.util.Optional;
import ocellus.engine.kernels.Activation;

/** What configurations call activations. */
final class ActivationNames {
  private ActivationNames() {}

  /** By timm's name, as in {@code act_layer}; empty if there is no such kernel. */
  static Optional<Activation> timm(String name) {
    Activation activation =
        switch (name.toLowerCase(Locale.ROOT)) {
          case "relu" -> Activation.RELU;
          case "relu6" -> Activation.RELU6;
          case "gelu" -> Activation.GELU;
          case "gelu_tanh" -> Activation.GELU_TANH;
          case "quick_gelu" -> Activation.QUICK_GELU;
          case "silu", "swish" -> Activation.SILU;
          case "hard_swish", "hardswish" -> Activation.HARD_SWISH;
          case "hard_sigmoid", "hardsigmoid" -> Activation.HARD_SIGMOID;
          case "sigmoid" -> Activation.SIGMOID;
          case "tanh" -> Activation.TANH;
          case "identity" -> Activation.IDENTITY;
          default -> null;
        };
    return Optional.ofNullable(activation);
  }

  /** By transformers' name, as in {@code hidden_act}; empty if there is no such kernel. */
  static Optional<Activation> transformers(String name) {
    Activation activation =
        switch (name) {
          case "relu" -> Activation.RELU;
          case "relu6" -> Activation.RELU6;
          case "gelu", "gelu_python" -> Activation.GELU;
          case "gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_fast", "gelu_accurate" ->
              Activation.GELU_TANH;
          case "quick_gelu" -> Activation.QUICK_GELU;
          case "silu", "swish" -> Activation.SILU;
          case "hardswish" -> Activation.HARD_SWISH;
          case "sigmoid" -> Activation.SIGMOID;
          case "tanh" -> Activation.TANH;
          case "linear" -> Activation.IDENTITY;
          default -> null;
        };
    return Optional.ofNullable(activation);
  }
}
