package ocellus.models.arch;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import ocellus.engine.WeightSource;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.BlockStack.Style;
import ocellus.models.arch.ConvNorm.Strided;

/**
 * {@link EfficientNet} as transformers configures it and names its tensors.
 *
 * <p>Other than timm, it pads strided convolutions by fixed numbers of pixels, which are those of
 * {@code SAME} for the size that the weights were published with, and it never adds the input of
 * the first block of a stage.
 */
final class EfficientNetTransformers {
  private static final String BACKBONE = "EfficientNetModel";
  private static final String CLASSIFIER = "EfficientNetForImageClassification";

  /** transformers' defaults, those of B7: it does not write to a configuration what equals them. */
  private static final JsonObject DEFAULTS =
      JsonObject.parse(
          "EfficientNetConfig",
          """
          {"width_coefficient": 2.0, "depth_coefficient": 3.1, "hidden_dim": 2560,
           "kernel_sizes": [3, 3, 5, 3, 5, 5, 3], "strides": [1, 2, 2, 2, 1, 2, 1],
           "in_channels": [32, 16, 24, 40, 80, 112, 192],
           "out_channels": [16, 24, 40, 80, 112, 192, 320], "depthwise_padding": [],
           "num_block_repeats": [1, 2, 2, 3, 3, 4, 1], "expand_ratios": [1, 6, 6, 6, 6, 6, 6]}
          """
              .getBytes(StandardCharsets.UTF_8));

  private static final double MAX_RATIO = 100;
  private static final int MAX_STAGES = 16;
  private static final int MAX_REPEATS = 1000;
  private static final int MAX_KERNEL = 63;
  private static final int MAX_CHANNELS = 1 << 15;

  private final TransformersSettings settings;
  private final JsonObject json;
  private final ChannelWidth width;
  private final List<List<BlockRow>> stages;

  /**
   * @throws CheckpointException if neither the backbone nor the classifier was saved, or the
   *     numbers of channels don't fit together
   */
  EfficientNetTransformers(TransformersConfig config) {
    this.settings = TransformersSettings.of(config, BACKBONE, CLASSIFIER).withDefaults(DEFAULTS);
    this.json = settings.json();
    int divisor = settings.extent("depth_divisor", 8);
    double multiplier = settings.positive("width_coefficient", 1, MAX_RATIO);
    this.width = new ChannelWidth(multiplier, divisor, divisor, false);
    this.stages = stages();
  }

  private List<List<BlockRow>> stages() {
    int count = json.integers("in_channels").length;
    if (count < 1 || count > MAX_STAGES) {
      throw Extents.invalid(json, "in_channels", "1 to " + MAX_STAGES + " numbers of channels");
    }
    int[] in = Extents.list(json, "in_channels", count, MAX_CHANNELS);
    int[] out = Extents.list(json, "out_channels", count, MAX_CHANNELS);
    int[] kernels = Extents.list(json, "kernel_sizes", count, MAX_KERNEL);
    int[] strides = Extents.list(json, "strides", count, 2);
    int[] repeats = Extents.list(json, "num_block_repeats", count, MAX_REPEATS);
    int[] expansions = Extents.list(json, "expand_ratios", count, (int) MAX_RATIO);
    if (Arrays.stream(kernels).anyMatch(k -> k < 3 || k % 2 == 0)) {
      throw Extents.invalid(json, "kernel_sizes", "odd numbers from 3");
    }
    double depth = settings.positive("depth_coefficient", 1, MAX_RATIO);
    Set<Integer> symmetric = new TreeSet<>();
    Arrays.stream(json.integers("depthwise_padding")).forEach(symmetric::add);
    List<List<BlockRow>> rows = new ArrayList<>();
    int blocks = 0;
    int channels = EfficientNet.STEM;
    for (int i = 0; i < count; i++) {
      if (width.scaled(in[i]) != width.scaled(channels)) {
        throw new CheckpointException(
            "%s has %d, but %d channels come in"
                .formatted(json.where("in_channels"), in[i], channels));
      }
      channels = out[i];
      int times = (int) Math.ceil(depth * repeats[i]);
      Strided padding = symmetric.contains(blocks) ? Strided.SYMMETRIC : Strided.LOPSIDED;
      BlockRow first = row(1, kernels[i], strides[i], expansions[i], channels);
      BlockRow others = row(times - 1, kernels[i], 1, expansions[i], channels);
      rows.add(List.of(first.withoutSkip().padded(padding), others));
      blocks += times;
    }
    return List.copyOf(rows);
  }

  /** Blocks with squeeze-and-excitation, without expansion where that changes nothing. */
  private static BlockRow row(int repeats, int kernel, int stride, int expansion, int channels) {
    DepthwiseForm form =
        expansion == 1
            ? DepthwiseForm.separable(kernel)
            : DepthwiseForm.bottleneck(kernel, expansion);
    return new BlockRow(repeats, stride, channels, form.squeezed());
  }

  MobileNet.Config config() {
    int features = width.scaled(EfficientNet.FEATURES);
    if (settings.extent("hidden_dim", features) != features) {
      throw Extents.invalid(json, "hidden_dim", features + ", by width_coefficient");
    }
    double ratio = settings.positive("squeeze_expansion_ratio", 0.25, MAX_RATIO);
    var style =
        new Style(
            width,
            new ConvNorm(Strided.LOPSIDED, settings.positive("batch_norm_eps", 1e-3, 1)),
            settings.activation("swish"),
            new Squeeze.OfInput(ratio),
            BlockStack.ANY_OUTPUT_STRIDE);
    return new MobileNet.Config(
        stages,
        width.scaled(EfficientNet.STEM),
        features,
        style,
        pool(),
        settings.classes(),
        settings.input(600));
  }

  private GlobalPool pool() {
    String type = json.string("pooling_type", "mean");
    return switch (type) {
      case "mean" -> GlobalPool.AVERAGE;
      case "max" -> GlobalPool.MAX;
      default -> throw Extents.invalid(json, "pooling_type", "mean or max");
    };
  }

  /** The checkpoint under timm's names. */
  WeightSource renamed(WeightSource weights) {
    Map<String, String> names = new HashMap<>();
    String network = settings.classifies() ? "efficientnet." : "";
    names.put("conv_stem", network + "embeddings.convolution");
    names.put("bn1", network + "embeddings.batchnorm");
    int n = 0;
    for (int i = 0; i < stages.size(); i++) {
      int j = 0;
      for (BlockRow row : stages.get(i)) {
        for (int k = 0; k < row.repeats(); k++) {
          String house = "blocks." + i + "." + j++ + ".";
          block(names, row, house, network + "encoder.blocks." + n++ + ".");
        }
      }
    }
    names.put("conv_head", network + "encoder.top_conv");
    names.put("bn2", network + "encoder.top_bn");
    names.put("classifier", "classifier");
    return new RenamedWeights(weights, names);
  }

  private static void block(Map<String, String> names, BlockRow row, String house, String inFile) {
    boolean expands = row.form() instanceof DepthwiseForm form && form.expands();
    if (expands) {
      names.put(house + "conv_pw", inFile + "expansion.expand_conv");
      names.put(house + "bn1", inFile + "expansion.expand_bn");
    }
    names.put(house + "conv_dw", inFile + "depthwise_conv.depthwise_conv");
    names.put(house + (expands ? "bn2" : "bn1"), inFile + "depthwise_conv.depthwise_norm");
    names.put(house + "se.conv_reduce", inFile + "squeeze_excite.reduce");
    names.put(house + "se.conv_expand", inFile + "squeeze_excite.expand");
    names.put(house + (expands ? "conv_pwl" : "conv_pw"), inFile + "projection.project_conv");
    names.put(house + (expands ? "bn3" : "bn2"), inFile + "projection.project_bn");
  }
}
