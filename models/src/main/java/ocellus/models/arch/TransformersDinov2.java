package ocellus.models.arch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.image.Size;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.PositionEmbedding.Filter;
import ocellus.models.arch.TokenEmbedding.Input;
import ocellus.models.arch.TokenEmbedding.Positions;
import ocellus.models.arch.TokenEmbedding.Tokens;
import ocellus.models.arch.VisionTransformer.Config;
import ocellus.models.arch.VisionTransformer.FinalNorm;
import ocellus.models.arch.VisionTransformer.Head;
import ocellus.models.arch.VisionTransformer.Layer;
import ocellus.models.arch.VisionTransformer.MlpKind;
import ocellus.models.arch.VisionTransformer.Pooling;

/**
 * transformers' {@code Dinov2Model} and {@code Dinov2WithRegistersModel}, with and without a linear
 * head: what their configuration means, and their names of tensors, those up to version 4 and those
 * since.
 *
 * <p>Images may have any size: position embeddings are resampled from the square grid of {@code
 * image_size}, with registers by PyTorch's antialiased cubic filter and without by the plain one.
 */
final class TransformersDinov2 implements VisionTransformer.Foreign {
  /** The widths of a SwiGLU are rounded up to a multiple of it. */
  private static final int ROUNDED_TO = 8;

  private final TransformersConfig config;
  private final JsonObject root;
  private final boolean registers;
  private final boolean classifies;

  /**
   * @throws CheckpointException if another class was saved
   */
  TransformersDinov2(TransformersConfig config) {
    this.config = config;
    this.root = config.root();
    this.registers = config.modelType().equals("dinov2_with_registers");
    String name = registers ? "Dinov2WithRegisters" : "Dinov2";
    this.classifies =
        TransformersViT.only(
            config, Map.of(name + "ForImageClassification", true, name + "Model", false));
  }

  @Override
  public Config config() {
    Tokens tokens =
        new Tokens(
            true,
            false,
            registers ? root.integer("num_register_tokens", 4) : 0,
            Positions.ALL_BUT_REGISTERS,
            registers ? Filter.ANTIALIASED_BICUBIC : Filter.BICUBIC,
            true);
    int depth = root.integer("num_hidden_layers", 12);
    return new Config(input(), tokens, false, layer(), depth, head()).checked(root.source());
  }

  private Input input() {
    int patch = registers ? 16 : 14;
    Input trained = TransformersViT.fixedInput(root, patch);
    if (trained.height() / trained.patch() != trained.width() / trained.patch()) {
      throw Extents.invalid(root, "image_size", "as many rows of patches as columns");
    }
    Size own = new Size(trained.height(), trained.width());
    return TransformersViT.input(root, patch, 224, config.prepared().orElse(own));
  }

  private Layer layer() {
    boolean gated = root.bool("use_swiglu_ffn", false);
    int hidden = (int) (root.integer("hidden_size", 768) * root.number("mlp_ratio", 4));
    if (gated) {
      hidden = Math.ceilDiv((int) (hidden * 2.0 / 3), ROUNDED_TO) * ROUNDED_TO;
    }
    Activation activation = gated ? Activation.SILU : TransformersViT.activation(root, "gelu");
    MlpKind mlp = gated ? MlpKind.GATED : MlpKind.PLAIN;
    return TransformersViT.layer(root, hidden, mlp, activation, 1e-6, true);
  }

  private Head head() {
    return classifies
        ? new Head(
            Pooling.CLASS_TOKEN_AND_MEAN,
            null,
            false,
            FinalNorm.BEFORE_POOLING,
            TransformersViT.classes(root))
        : Head.ofClassToken(0);
  }

  /** The checkpoint in timm's names; query, key and value joined, and so the halves of a SwiGLU. */
  @Override
  public WeightSource renamed(WeightSource weights, int depth) {
    String model = config.modelType() + ".";
    String prefix = TransformersViT.anyStartsWith(weights, model) ? model : "";
    String first = prefix + "encoder.layer.0.";
    boolean since5 = TransformersViT.anyStartsWith(weights, first + "attention.q_proj");
    boolean packed = TransformersViT.anyStartsWith(weights, first + "mlp.weights_in");
    Map<String, String> names = new HashMap<>();
    names.put("cls_token", prefix + "embeddings.cls_token");
    names.put("reg_token", prefix + "embeddings.register_tokens");
    names.put("pos_embed", prefix + "embeddings.position_embeddings");
    names.put("mask_token", prefix + "embeddings.mask_token");
    names.put("patch_embed.proj", prefix + "embeddings.patch_embeddings.projection");
    names.put("norm", prefix + "layernorm");
    names.put("head", "classifier");
    Map<String, List<String>> joined = new HashMap<>();
    boolean gated = root.bool("use_swiglu_ffn", false);
    for (int i = 0; i < depth; i++) {
      String house = "blocks." + i + ".";
      String file = prefix + "encoder.layer." + i + ".";
      TransformersViT.nameAttention(house, file, since5, names, joined);
      names.put(house + "norm1", file + "norm1");
      names.put(house + "norm2", file + "norm2");
      names.put(house + "ls1.gamma", file + "layer_scale1.lambda1");
      names.put(house + "ls2.gamma", file + "layer_scale2.lambda1");
      if (!gated) {
        names.put(house + "mlp.fc1", file + "mlp.fc1");
        names.put(house + "mlp.fc2", file + "mlp.fc2");
      } else if (packed) {
        names.put(house + "mlp.fc1", file + "mlp.weights_in");
        names.put(house + "mlp.fc2", file + "mlp.weights_out");
      } else {
        names.put(house + "mlp.gate", file + "mlp.gate_proj");
        names.put(house + "mlp.up", file + "mlp.up_proj");
        names.put(house + "mlp.fc2", file + "mlp.down_proj");
        joined.put(house + "mlp.fc1", List.of(house + "mlp.gate", house + "mlp.up"));
      }
    }
    return new JoinedWeights(new RenamedWeights(weights, names), joined);
  }

  /** The mask token stands for patches in pre-training alone. */
  @Override
  public void ignoreUnused(WeightScope w) {
    w.ignore("mask_token"::equals);
  }
}
