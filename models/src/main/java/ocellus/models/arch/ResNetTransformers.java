package ocellus.models.arch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.ResNet.Block;
import ocellus.models.arch.ResNet.Config;
import ocellus.models.arch.ResNet.StemPool;

/** ResNet as a {@code ResNetConfig} of transformers describes it, and its names. */
final class ResNetTransformers {
  private static final String BACKBONE = "ResNetModel";
  private static final String CLASSIFIER = "ResNetForImageClassification";

  /** Channels that a bottleneck puts out for one in its middle. */
  private static final int REDUCTION = 4;

  private ResNetTransformers() {}

  static Config config(TransformersConfig transformers) {
    var settings = TransformersSettings.of(transformers, BACKBONE, CLASSIFIER);
    ImageShape input = settings.input(224);
    int stem = settings.extent("embedding_size", 64);
    return new Config(
        input,
        List.of(Spec.of(input.channels(), stem, 7).stride(2)),
        StemPool.MAX,
        stages(settings, stem),
        settings.activation("relu"),
        Activation.RELU, // whatever hidden_act says: modeling_resnet.py does not pass it on
        GlobalPool.AVERAGE,
        settings.classes());
  }

  private static List<List<Block>> stages(TransformersSettings settings, int stem) {
    JsonObject json = settings.json();
    int[] depths = settings.depths(3, 4, 6, 3);
    int[] sizes = settings.channels("hidden_sizes", depths.length, 256, 512, 1024, 2048);
    boolean bottleneck = isBottleneck(json);
    boolean strideFirst = json.bool("downsample_in_bottleneck", false);
    int firstStride = json.bool("downsample_in_first_stage", false) ? 2 : 1;
    List<List<Block>> stages = new ArrayList<>();
    int in = stem;
    for (int i = 0; i < depths.length; i++) {
      List<Block> blocks = new ArrayList<>();
      for (int j = 0; j < depths[i]; j++) {
        int stride = j > 0 ? 1 : i > 0 ? 2 : firstStride;
        List<Spec> convs =
            bottleneck
                ? bottleneck(json, in, sizes[i], stride, strideFirst)
                : basic(in, sizes[i], stride);
        Spec projection = Spec.of(in, sizes[i], 1).stride(stride);
        boolean projects = in != sizes[i] || stride != 1;
        blocks.add(
            Block.plain(
                convs, projects ? new Shortcut.Strided(projection) : new Shortcut.Identity()));
        in = sizes[i];
      }
      stages.add(blocks);
    }
    return stages;
  }

  private static boolean isBottleneck(JsonObject json) {
    String type = json.string("layer_type", "bottleneck");
    return switch (type) {
      case "bottleneck" -> true;
      case "basic" -> false;
      default -> throw Extents.invalid(json, "layer_type", "bottleneck or basic");
    };
  }

  private static List<Spec> basic(int in, int out, int stride) {
    return List.of(Spec.of(in, out, 3).stride(stride), Spec.of(out, out, 3));
  }

  private static List<Spec> bottleneck(
      JsonObject json, int in, int out, int stride, boolean strideFirst) {
    int width = out / REDUCTION;
    if (width == 0) {
      throw Extents.invalid(json, "hidden_sizes", "sizes from " + REDUCTION + " for bottlenecks");
    }
    return List.of(
        Spec.of(in, width, 1).stride(strideFirst ? stride : 1),
        Spec.of(width, width, 3).stride(strideFirst ? 1 : stride),
        Spec.of(width, out, 1));
  }

  /** The checkpoint under timm's names, with or without the prefix of the base model. */
  static WeightSource renamed(Config config, WeightSource weights) {
    boolean prefixed = weights.names().stream().anyMatch(name -> name.startsWith("resnet."));
    String base = prefixed ? "resnet." : "";
    Map<String, String> names = new HashMap<>();
    layer(names, "conv1", "bn1", base + "embedder.embedder");
    for (int i = 0; i < config.stages().size(); i++) {
      for (int j = 0; j < config.stages().get(i).size(); j++) {
        String house = "layer" + (i + 1) + "." + j + ".";
        String inFile = base + "encoder.stages." + i + ".layers." + j + ".";
        for (int n = 0; n < config.stages().get(i).get(j).convs().size(); n++) {
          layer(names, house + "conv" + (n + 1), house + "bn" + (n + 1), inFile + "layer." + n);
        }
        layer(names, house + "downsample.0", house + "downsample.1", inFile + "shortcut");
      }
    }
    names.put("fc", "classifier.1");
    return new RenamedWeights(weights, names);
  }

  private static void layer(
      Map<String, String> names, String convolution, String norm, String inFile) {
    names.put(convolution, inFile + ".convolution");
    names.put(norm, inFile + ".normalization");
  }
}
