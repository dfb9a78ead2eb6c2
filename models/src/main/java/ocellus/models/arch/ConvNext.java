package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.Packer;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.Branch;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Mlp;
import ocellus.engine.layers.Norm;
import ocellus.engine.layers.ResponseNormMlp;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;

/**
 * ConvNeXt, Liu et al. 2022, "A ConvNet for the 2020s", with the variants of timm: overlapping
 * stems, other normalisations, norm before pooling, a head with a hidden layer; and ConvNeXt V2,
 * Woo et al. 2023, with global response normalisation in place of layer scale.
 *
 * <p>A stem, then stages of residual blocks, each after the first on a map half as high and wide;
 * then mean over the map, norm and a linear classifier. Fully convolutional: it takes images of any
 * size that leaves something to pool. Immutable, thread-safe.
 */
public final class ConvNext implements ConvolutionalNetwork {
  /** Channels of a block's hidden layer per channel of its input. */
  private static final int EXPANSION = 4;

  /**
   * What a ConvNeXt looks like.
   *
   * @param convBias whether the convolutions have biases; the layers of the MLPs always do
   * @param layerScale whether a block's branch is scaled by a factor per channel, γ
   * @param hidden what the MLPs do to their hidden layer
   */
  public record Config(
      ImageShape input,
      Stem stem,
      List<Stage> stages,
      NormStyle norm,
      Activation activation,
      boolean convBias,
      boolean layerScale,
      Hidden hidden,
      Head head) {
    static final int MAX_CHANNELS = 1 << 16;
    static final int MAX_DEPTH = 1 << 10;
    static final int MAX_PATCH = 1 << 10;

    public Config {
      stages = List.copyOf(stages);
    }

    /** The smallest height and width of an image that leave something to pool. */
    int leastSide() {
      int least = 1;
      for (Stage stage : stages) {
        least *= stage.downsample.map(Conv2d.Spec::stride).orElse(1);
      }
      return stem.leastSide(least);
    }

    Conv2d conv(Conv2d.Spec spec, WeightScope w, Activation activation) {
      Affine bias = convBias ? Affine.bias(w, spec.out()) : Affine.none();
      return new Conv2d(spec, w, bias, activation);
    }
  }

  /** The MLP of a block. */
  public enum Hidden {
    PLAIN {
      @Override
      Branch of(WeightScope w, int dim, Activation activation, float[] gamma) {
        return new Mlp(w, dim, EXPANSION * dim, activation, gamma);
      }
    },
    /** With global response normalisation, which goes without layer scale. */
    RESPONSE_NORM {
      @Override
      Branch of(WeightScope w, int dim, Activation activation, float[] gamma) {
        if (gamma != null) {
          throw new IllegalArgumentException("response normalisation with a layer scale");
        }
        return new ResponseNormMlp(w, dim, EXPANSION * dim, activation);
      }
    };

    /**
     * @param gamma factors of the result per channel, or null
     */
    abstract Branch of(WeightScope w, int dim, Activation activation, float[] gamma);
  }

  /** How the image becomes the first feature map. */
  public sealed interface Stem {
    /** How many times smaller the map is than the image. */
    int stride();

    /** The smallest side of an image whose map has a side of {@code map}. */
    int leastSide(int map);

    /** A convolution of patches that do not overlap, as in the paper. */
    record Patches(int size) implements Stem {
      @Override
      public int stride() {
        return size;
      }

      @Override
      public int leastSide(int map) {
        return size * map;
      }
    }

    /**
     * Two 3x3 convolutions of stride 2.
     *
     * @param middle channels in between
     * @param activation what is in between, if anything
     */
    record Overlapping(int middle, Optional<Activation> activation) implements Stem {
      @Override
      public int stride() {
        return 4;
      }

      @Override
      public int leastSide(int map) {
        return 4 * map - 3;
      }
    }
  }

  /**
   * Blocks on maps of one size.
   *
   * @param downsample the convolution before them, if any
   * @param depth the number of blocks
   * @param kernel height and width of the depthwise convolutions, odd
   * @param dilation of the depthwise convolutions
   */
  public record Stage(
      Optional<Conv2d.Spec> downsample, int depth, int channels, int kernel, int dilation) {}

  /** A normalisation but for its weights. */
  public record NormStyle(Norm.Kind kind, double epsilon) {
    Norm of(WeightScope w, int channels) {
      return kind.of(w, channels, epsilon);
    }
  }

  /**
   * From the last map to the logits.
   *
   * @param normFirst whether the map is normalised before it is pooled, or the vector afterwards
   * @param hidden features of the GELU layer before the classifier; 0 for none
   * @param classes 0 for no classifier
   */
  public record Head(NormStyle norm, boolean normFirst, GlobalPool pool, int hidden, int classes) {}

  private final Config config;
  private final StemLayers stem;
  private final List<StageLayers> stages = new ArrayList<>();
  private final HeadLayers head;

  /** Reads its weights, in timm's names, and verifies that there are no others. */
  ConvNext(Config config, WeightScope w) {
    this.config = config;
    int channels = config.stages.getFirst().channels;
    this.stem = new StemLayers(config, w.in("stem"), channels);
    for (Stage stage : config.stages) {
      stages.add(new StageLayers(config, stage, w.in("stages", stages.size()), channels));
      channels = stage.channels;
    }
    this.head = new HeadLayers(config.head, w, channels);
    w.verifyAllRead();
  }

  /** The architectures that {@link #timm} knows. */
  public static Set<String> timmArchitectures() {
    return ConvNextTimm.architectures();
  }

  /**
   * A model that timm saved; also one with the weights named as the authors' original code does.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static ConvNext timm(TimmConfig timm, WeightSource weights, Packer packer) {
    Config config = ConvNextTimm.config(timm);
    if (!ConvNextNames.isOriginal(weights)) {
      return new ConvNext(config, WeightScope.of(weights, packer));
    }
    WeightSource house = ConvNextNames.original(config, weights);
    WeightScope scope = WeightScope.of(house, packer);
    ConvNextNames.ignoreDistillation(scope, house);
    return new ConvNext(config, scope);
  }

  /**
   * A model that transformers saved: {@code ConvNextForImageClassification}, {@code ConvNextModel},
   * the same of {@code ConvNextV2}, or {@code DINOv3ConvNextModel}.
   *
   * @param packer of the model that is being built
   * @throws ocellus.engine.OcellusException if configuration and weights do not make a model
   */
  public static ConvNext transformers(
      TransformersConfig transformers, WeightSource weights, Packer packer) {
    Config config = ConvNextTransformers.config(transformers);
    WeightSource house = ConvNextNames.transformers(config, transformers.modelType(), weights);
    return new ConvNext(config, WeightScope.of(house, packer));
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor x = stem.forward(image, ws); // [H / 4, W / 4, C0]
    ws.stage("stem", x);
    for (int i = 0; i < stages.size(); i++) {
      x = stages.get(i).forward(x, ws); // [H / 2^(i+2), W / 2^(i+2), Ci]
      ws.stage("stages", i, x);
    }
    return head.features(x, ws); // [featureCount]
  }

  @Override
  public ImageShape input() {
    return config.input;
  }

  @Override
  public int leastSide() {
    return config.leastSide();
  }

  @Override
  public Linear classifier() {
    return head.classifier;
  }

  @Override
  public int featureCount() {
    return head.features;
  }

  /** One convolution (section 2.2, "patchify") or two, and a norm. */
  private static final class StemLayers {
    private final List<Conv2d> convs = new ArrayList<>();
    private final Norm norm;

    StemLayers(Config config, WeightScope w, int channels) {
      int in = config.input.channels();
      int normIndex =
          switch (config.stem) {
            case Stem.Patches(int size) -> {
              Conv2d.Spec patches = Conv2d.Spec.of(in, channels, size).stride(size);
              convs.add(config.conv(patches, w.in("0"), Activation.IDENTITY));
              yield 1;
            }
            case Stem.Overlapping(int middle, Optional<Activation> activation) -> {
              int second = activation.isPresent() ? 2 : 1;
              Conv2d.Spec half = Conv2d.Spec.of(in, middle, 3).stride(2).padding(1);
              Activation between = activation.orElse(Activation.IDENTITY);
              convs.add(config.conv(half, w.in("0"), between));
              Conv2d.Spec quarter = Conv2d.Spec.of(middle, channels, 3).stride(2).padding(1);
              WeightScope last = w.in(Integer.toString(second));
              convs.add(config.conv(quarter, last, Activation.IDENTITY));
              yield second + 1;
            }
          };
      this.norm = config.norm.of(w.in(Integer.toString(normIndex)), channels);
    }

    /** From the image {@code [H, W, inputChannels]} to the first map, from the workspace. */
    Tensor forward(Tensor image, Workspace ws) {
      Tensor x = image;
      for (int i = 0; i < convs.size(); i++) {
        x = convs.get(i).forward(x, ws); // x = Conv(x)
      }
      norm.forward(x, x, ws); // x = Norm(x)
      return x;
    }
  }

  /** Section 2.6, "separate downsampling layers", and the blocks. */
  private static final class StageLayers {
    private final Norm norm; // null if there is no downsampling
    private final Conv2d downsample; // null if there is none
    private final List<Block> blocks = new ArrayList<>();

    StageLayers(Config config, Stage stage, WeightScope w, int in) {
      WeightScope before = w.in("downsample");
      this.norm = stage.downsample.isPresent() ? config.norm.of(before.in("0"), in) : null;
      this.downsample =
          stage
              .downsample
              .map(spec -> config.conv(spec, before.in("1"), Activation.IDENTITY))
              .orElse(null);
      for (int j = 0; j < stage.depth; j++) {
        blocks.add(new Block(config, stage, w.in("blocks", j)));
      }
    }

    /** x: {@code [h, w, in]}, overwritten; returns {@code [h / 2, w / 2, channels]}. */
    Tensor forward(Tensor x, Workspace ws) {
      Tensor y = x;
      if (downsample != null) {
        norm.forward(x, x, ws); // x = Norm(x)         [h, w, in]
        y = downsample.forward(x, ws); // y = Conv2x2(x)  [h / 2, w / 2, channels]
      }
      for (int j = 0; j < blocks.size(); j++) {
        blocks.get(j).forward(y, ws);
      }
      return y;
    }
  }

  /** Figure 4: depthwise convolution, norm, inverted bottleneck. */
  private static final class Block {
    private final Conv2d depthwise;
    private final Norm norm;
    private final Branch mlp;

    Block(Config config, Stage stage, WeightScope w) {
      int dim = stage.channels;
      Conv2d.Spec spec =
          Conv2d.Spec.depthwise(dim, stage.kernel)
              .dilation(stage.dilation)
              .padding(stage.kernel / 2 * stage.dilation);
      this.depthwise = config.conv(spec, w.in("conv_dw"), Activation.IDENTITY);
      this.norm = config.norm.of(w.in("norm"), dim);
      float[] gamma = config.layerScale ? w.tensor("gamma", dim).toArray() : null;
      this.mlp = config.hidden.of(w.in("mlp"), dim, config.activation, gamma);
    }

    /** x: {@code [h, w, dim]}, updated in place. */
    void forward(Tensor x, Workspace ws) {
      Mark mark = ws.mark();
      Tensor y = depthwise.forward(x, ws); // y = DWConv(x)
      norm.forward(y, y, ws); // y = Norm(y)
      mlp.addTo(y, x, ws); // x = x + γ MLP(y)
      ws.release(mark);
    }
  }

  /** Pooling, the last norm (before or after it), an optional hidden layer, the classifier. */
  private static final class HeadLayers {
    private final Head config;
    private final int features;
    private final Norm norm;
    private final Linear hidden; // null for none
    private final Linear classifier; // null for none

    HeadLayers(Head config, WeightScope w, int channels) {
      this.config = config;
      WeightScope head = w.in("head");
      this.norm = config.norm.of(config.normFirst ? w.in("norm_pre") : head.in("norm"), channels);
      int pooled = config.pool.features(channels);
      if (config.hidden > 0) {
        WeightScope fc = head.in("pre_logits").in("fc");
        Affine bias = Affine.bias(fc, config.hidden);
        this.hidden = new Linear(fc, pooled, config.hidden, bias, Activation.GELU);
        this.features = config.hidden;
      } else {
        this.hidden = null;
        this.features = pooled;
      }
      this.classifier =
          config.classes > 0 ? new Linear(head.in("fc"), features, config.classes) : null;
    }

    /** x: the last map {@code [h, w, channels]}, overwritten; returns {@code [features]}. */
    Tensor features(Tensor x, Workspace ws) {
      if (config.normFirst) {
        norm.forward(x, x, ws); // x = Norm(x)     [h, w, channels]
      }
      Tensor y = ws.tensor(config.pool.features(x.channels()));
      config.pool.forward(x, y, ws); // y = Pool(x)  [channels]
      if (!config.normFirst) {
        norm.forward(y, y, ws); // y = Norm(y)
      }
      if (hidden == null) {
        return y;
      }
      Tensor z = ws.tensor(features);
      hidden.forward(y, z, ws); // z = GELU(W y + b)  [hidden]
      return z;
    }
  }
}
