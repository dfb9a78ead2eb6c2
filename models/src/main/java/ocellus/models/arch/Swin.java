package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.layers.LayerNorm;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.PatchEmbed;
import ocellus.engine.layers.ShiftedWindows;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.models.ImageModel;

/**
 * Swin Transformer, "Hierarchical Vision Transformer using Shifted Windows", Liu et al. 2021, and
 * "Swin Transformer V2: Scaling Up Capacity and Resolution", Liu et al. 2022.
 *
 * <p>Patches become tokens; stages of blocks attend within windows, which are shifted in every
 * other block, each stage after the first on a map half as high and wide; then norm, mean and a
 * linear classifier. Windows belong to the size of the image: it takes images of one size. Follows
 * timm's {@code SwinTransformer}. Immutable, thread-safe.
 */
public final class Swin implements ImageModel {
  /**
   * What a model looks like.
   *
   * @param patch rows and columns of a patch
   * @param embedEpsilon of the norms of the patches and of merging
   * @param epsilon of the other norms
   * @param classes 0 for no classifier
   */
  record Config(
      Version version,
      ImageShape input,
      int patch,
      List<Stage> stages,
      double embedEpsilon,
      double epsilon,
      Activation activation,
      boolean qkvBias,
      int classes) {
    static final int MOST_STAGES = 8;
    static final int MOST_BLOCKS = 1 << 10;
    static final int WIDEST = 1 << 16;
    static final int LARGEST_PATCH = 1 << 10;

    Config {
      stages = List.copyOf(stages);
    }
  }

  /**
   * Blocks on maps of one size.
   *
   * @param depth the number of blocks
   * @param hidden channels within the MLPs
   * @param windows of the blocks with even numbers
   * @param shifted windows of the blocks with odd numbers
   * @param trainedWindow side of the windows that continuous position biases were trained with; 0
   *     for these, or if there are none
   */
  record Stage(
      int depth,
      int dim,
      int heads,
      int hidden,
      ShiftedWindows windows,
      ShiftedWindows shifted,
      int trainedWindow) {
    ShiftedWindows windowsOf(int block) {
      return block % 2 == 0 ? windows : shifted;
    }
  }

  /** The mathematics of blocks and of the way from one stage to the next. */
  interface Version {
    Block block(Config config, Stage stage, ShiftedWindows windows, WeightScope w);

    /**
     * @param in channels of the stage before
     */
    Merging merging(Config config, int in, int out, WeightScope w);
  }

  /** Attention within windows and an MLP. */
  interface Block {
    /**
     * @param x {@code [height, width, dim]}, updated in place
     */
    void forward(Tensor x, Workspace ws);
  }

  /** Patch merging: to half as many rows and columns of tokens. */
  interface Merging {
    /**
     * @param x {@code [height, width, in]}
     * @return {@code [(height + 1) / 2, (width + 1) / 2, out]}, from the workspace
     */
    Tensor forward(Tensor x, Workspace ws);
  }

  private final Config config;
  private final int features;
  private final PatchEmbed patchEmbed;
  private final LayerNorm patchNorm;
  private final List<StageLayers> stages = new ArrayList<>();
  private final LayerNorm norm;
  private final Linear head; // null for none

  /** Reads its weights, in timm's names. */
  Swin(Config config, WeightScope w) {
    this.config = config;
    int dim = config.stages.getFirst().dim;
    WeightScope embed = w.in("patch_embed");
    this.patchEmbed = new PatchEmbed(embed, config.input.channels(), config.patch, dim, true);
    this.patchNorm = new LayerNorm(embed.in("norm"), dim, config.embedEpsilon);
    for (int i = 0; i < config.stages.size(); i++) {
      Stage stage = config.stages.get(i);
      stages.add(new StageLayers(config, stage, i == 0 ? 0 : dim, w.in("layers", i)));
      dim = stage.dim;
    }
    this.features = dim;
    this.norm = new LayerNorm(w.in("norm"), dim, config.epsilon);
    this.head = config.classes == 0 ? null : new Linear(w.in("head").in("fc"), dim, config.classes);
  }

  /** The architectures that {@link #timm} knows. */
  public static Set<String> timmArchitectures() {
    return SwinTimm.architectures();
  }

  /**
   * A model that timm saved; also one with the weights named as the authors' original code does.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static Swin timm(TimmConfig timm, WeightSource weights, Packer packer) {
    Config config = SwinTimm.config(timm);
    return of(config, SwinNames.timm(config, weights), packer);
  }

  /**
   * A model that transformers saved, {@code SwinForImageClassification}, {@code SwinModel}, {@code
   * Swinv2ForImageClassification} or {@code Swinv2Model}.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static Swin transformers(
      TransformersConfig transformers, WeightSource weights, Packer packer) {
    Config config = SwinTransformers.config(transformers);
    return of(config, SwinNames.transformers(config, weights), packer);
  }

  private static Swin of(Config config, WeightSource weights, Packer packer) {
    WeightScope w = WeightScope.of(weights, packer);
    var model = new Swin(config, w);
    SwinNames.ignoreUnused(w, weights);
    w.verifyAllRead();
    return model;
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    int patch = config.patch;
    int height = config.input.height() / patch;
    int width = config.input.width() / patch;
    Tensor x = ws.tensor(height, width, config.stages.getFirst().dim);
    patchEmbed.forward(image, null, x, ws); // x = patches E + b  [H / patch, W / patch, dim]
    patchNorm.forward(x, x, ws); // x = LN(x)
    ws.stage("patch_embed", x);
    for (int i = 0; i < stages.size(); i++) {
      x = stages.get(i).forward(x, ws); // [H / (2^i patch), W / (2^i patch), 2^i dim]
      ws.stage("layers", i, x);
    }
    norm.forward(x, x, ws); // x = LN(x)
    Tensor pooled = ws.tensor(features);
    GlobalPool.AVERAGE.forward(x, pooled, ws); // f = mean(x)  [features]
    return pooled;
  }

  @Override
  public Tensor logits(Tensor features, Workspace ws) {
    if (head == null) {
      throw new IllegalStateException("this model has no classification head");
    }
    return head.forward(features, ws); // y = f W^T + b  [classes]
  }

  @Override
  public int inputHeight() {
    return config.input.height();
  }

  @Override
  public int inputWidth() {
    return config.input.width();
  }

  @Override
  public int inputChannels() {
    return config.input.channels();
  }

  @Override
  public int featureCount() {
    return features;
  }

  @Override
  public int classCount() {
    return config.classes;
  }

  /** Patch merging, but for the first stage, and blocks. */
  private static final class StageLayers {
    private final Merging merging; // null for none
    private final List<Block> blocks = new ArrayList<>();

    StageLayers(Config config, Stage stage, int in, WeightScope w) {
      Version version = config.version;
      this.merging = in == 0 ? null : version.merging(config, in, stage.dim, w.in("downsample"));
      for (int j = 0; j < stage.depth; j++) {
        blocks.add(version.block(config, stage, stage.windowsOf(j), w.in("blocks", j)));
      }
    }

    Tensor forward(Tensor x, Workspace ws) {
      Tensor y = merging == null ? x : merging.forward(x, ws);
      for (int j = 0; j < blocks.size(); j++) {
        blocks.get(j).forward(y, ws);
      }
      return y;
    }
  }
}
