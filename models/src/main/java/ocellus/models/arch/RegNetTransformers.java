package ocellus.models.arch;

import java.util.ArrayList;
import java.util.List;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.RegNet.Block;
import ocellus.models.arch.RegNet.Config;

/** RegNet as a {@code RegNetConfig} of transformers describes it. */
final class RegNetTransformers {
  private static final String BACKBONE = "RegNetModel";
  private static final String CLASSIFIER = "RegNetForImageClassification";

  /** What squeeze-and-excitation keeps of a block's input channels. */
  private static final double SQUEEZE_RATIO = 0.25;

  private RegNetTransformers() {}

  static Config config(TransformersConfig transformers) {
    var settings = TransformersSettings.of(transformers, BACKBONE, CLASSIFIER);
    ImageShape input = settings.input(224);
    int stem = settings.extent("embedding_size", 32);
    return new Config(
        input,
        stem,
        stages(settings, stem),
        settings.activation("relu"),
        false,
        0,
        GlobalPool.AVERAGE,
        settings.classes());
  }

  private static List<List<Block>> stages(TransformersSettings settings, int stem) {
    JsonObject json = settings.json();
    int[] depths = settings.depths(2, 6, 12, 2);
    int[] sizes = settings.channels("hidden_sizes", depths.length, 128, 192, 512, 1088);
    int groupWidth = settings.extent("groups_width", 64);
    boolean squeezes = squeezes(json);
    int firstStride = json.bool("downsample_in_first_stage", true) ? 2 : 1;
    List<List<Block>> stages = new ArrayList<>();
    int in = stem;
    for (int i = 0; i < depths.length; i++) {
      int out = sizes[i];
      int groups = Math.max(1, out / groupWidth);
      if (out % groups != 0) {
        throw Extents.invalid(json, "hidden_sizes", "multiples of the number of groups");
      }
      List<Block> blocks = new ArrayList<>();
      for (int j = 0; j < depths[i]; j++) {
        int stride = j > 0 ? 1 : i > 0 ? 2 : firstStride;
        Spec projection = Spec.of(in, out, 1).stride(stride);
        int squeezed = (int) Math.rint(in * SQUEEZE_RATIO);
        if (squeezes && squeezed == 0) {
          throw Extents.invalid(json, "embedding_size", "3 or more with squeeze-and-excitation");
        }
        blocks.add(
            new Block(
                Block.convs(in, out, out, stride, 1, groups),
                squeezes ? squeezed : 0,
                Activation.RELU,
                in != out || stride != 1
                    ? new Shortcut.Strided(projection)
                    : new Shortcut.Identity()));
        in = out;
      }
      stages.add(blocks);
    }
    return stages;
  }

  private static boolean squeezes(JsonObject json) {
    return switch (json.string("layer_type", "y")) {
      case "x" -> false;
      case "y" -> true;
      default -> throw Extents.invalid(json, "layer_type", "x or y");
    };
  }
}
