package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Conv2d;
import ocellus.engine.layers.Norm;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.ConvNext.Config;
import ocellus.models.arch.ConvNext.Head;
import ocellus.models.arch.ConvNext.Hidden;
import ocellus.models.arch.ConvNext.NormStyle;
import ocellus.models.arch.ConvNext.Stage;
import ocellus.models.arch.ConvNext.Stem;

/**
 * ConvNeXt as a {@code ConvNextConfig}, {@code ConvNextV2Config} or {@code DINOv3ConvNextConfig} of
 * transformers describes it.
 */
final class ConvNextTransformers {
  /** Of every norm but the last, which has {@code layer_norm_eps}. */
  private static final double EPSILON = 1e-6;

  private static final int KERNEL = 7;
  private static final int DINOV3_PATCH = 4;
  private static final int MAX_STAGES = 16;
  private static final int MAX_SIDE = 1 << 15;

  private ConvNextTransformers() {}

  static Config config(TransformersConfig transformers) {
    JsonObject json = transformers.root();
    return switch (transformers.modelType()) {
      case "convnextv2" ->
          config(transformers, patch(json), EPSILON, epsilon(json, 1e-12), false, "ConvNextV2");
      case "dinov3_convnext" -> {
        double epsilon = epsilon(json, EPSILON);
        yield config(transformers, DINOV3_PATCH, epsilon, epsilon, true, "DINOv3ConvNext");
      }
      default -> {
        boolean layerScale = json.number("layer_scale_init_value", EPSILON) > 0;
        double last = epsilon(json, 1e-12);
        yield config(transformers, patch(json), EPSILON, last, layerScale, "ConvNext");
      }
    };
  }

  private static Config config(
      TransformersConfig transformers,
      int patch,
      double epsilon,
      double lastEpsilon,
      boolean layerScale,
      String family) {
    JsonObject json = transformers.root();
    NormStyle last = new NormStyle(Norm.Kind.LAYER, lastEpsilon);
    return new Config(
        input(json),
        new Stem.Patches(patch),
        stages(json),
        new NormStyle(Norm.Kind.LAYER, epsilon),
        activation(json),
        true,
        layerScale,
        family.equals("ConvNextV2") ? Hidden.RESPONSE_NORM : Hidden.PLAIN,
        new Head(last, false, GlobalPool.AVERAGE, 0, classes(transformers, family)));
  }

  private static double epsilon(JsonObject json, double absent) {
    double epsilon = json.number("layer_norm_eps", absent);
    if (epsilon < 0) {
      throw Extents.invalid(json, "layer_norm_eps", "no negative number");
    }
    return epsilon;
  }

  private static ImageShape input(JsonObject json) {
    int[] size = Extents.oneOrList(json, "image_size", 224, 2, MAX_SIDE);
    int channels = Extents.one(json, "num_channels", 3, Config.MAX_CHANNELS);
    return new ImageShape(size[0], size[1], channels);
  }

  private static int patch(JsonObject json) {
    int[] patch = Extents.oneOrList(json, "patch_size", 4, 2, Config.MAX_PATCH);
    if (patch[0] != patch[1]) {
      throw Extents.invalid(json, "patch_size", "a square");
    }
    return patch[0];
  }

  /** Each stage but the first begins by halving the map. */
  private static List<Stage> stages(JsonObject json) {
    int given = json.has("depths") ? json.integers("depths").length : 4;
    int count = Extents.one(json, "num_stages", given, MAX_STAGES);
    int[] depths = Extents.list(json, "depths", count, Config.MAX_DEPTH);
    int[] dims = Extents.list(json, "hidden_sizes", count, Config.MAX_CHANNELS);
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Optional<Conv2d.Spec> downsample =
          i == 0
              ? Optional.empty()
              : Optional.of(Conv2d.Spec.of(dims[i - 1], dims[i], 2).stride(2));
      stages.add(new Stage(downsample, depths[i], dims[i], KERNEL, 1));
    }
    return stages;
  }

  private static Activation activation(JsonObject json) {
    String name = json.string("hidden_act", "gelu");
    return ActivationNames.transformers(name)
        .orElseThrow(() -> Extents.invalid(json, "hidden_act", "a known activation"));
  }

  private static int classes(TransformersConfig config, String family) {
    JsonObject json = config.root();
    String classifier = family + "ForImageClassification";
    String bare = family + "Model";
    if (config.architectures().contains(bare)) {
      return 0;
    }
    boolean hasClassifier = !family.startsWith("DINOv3");
    if (hasClassifier && config.architectures().contains(classifier)) {
      return json.has("id2label") ? json.object("id2label").keys().size() : 2;
    }
    throw new CheckpointException(
        "%s is %s, expected %s"
            .formatted(
                json.where("architectures"),
                config.architectures(),
                hasClassifier ? classifier + " or " + bare : bare));
  }
}
