package ocellus.models.arch;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ocellus.engine.WeightSource;
import ocellus.loaders.json.JsonObject;
import ocellus.models.arch.ClipResNet.Config;
import ocellus.models.arch.ClipResNet.Head;
import ocellus.models.arch.TokenEmbedding.Input;

/**
 * open_clip's {@code ModifiedResNet}: what {@code vision_cfg} means where its {@code layers} are a
 * list, and OpenAI's names of tensors. Activations are ReLU, whatever the text tower has.
 */
final class OpenClipResNet {
  private static final int STAGES = 4;

  private OpenClipResNet() {}

  /** Whether {@code vision_cfg} describes one. */
  static boolean isDescribedBy(JsonObject vision) {
    return vision.raw("layers") instanceof List<?>;
  }

  /**
   * @param features of the model
   * @throws ocellus.loaders.CheckpointException if the configuration asks for what is not supported
   */
  static Config config(JsonObject vision, int features) {
    OpenClipVision.requireKnown(vision);
    int width = Extents.one(vision, "width", 64, Config.MAX_WIDTH);
    int channels = ClipResNet.channels(width);
    int headWidth = Extents.one(vision, "head_width", 64, channels);
    if (width % 2 != 0) {
      throw Extents.invalid(vision, "width", "an even number");
    }
    if (channels % headWidth != 0) {
      throw Extents.invalid(vision, "head_width", "a divisor of " + channels);
    }
    int side = Extents.one(vision, "image_size", 224, Input.LONGEST_SIDE);
    int stride = ClipResNet.STRIDE;
    // The first convolution rounds up: of 255 pixels it leaves 8 in the end, and not 255 / 32.
    if (side < stride || side % stride == stride - 1) {
      throw Extents.invalid(
          vision, "image_size", "%d or more, not 1 less than a multiple of it".formatted(stride));
    }
    int[] depths = Extents.list(vision, "layers", STAGES, Config.MAX_DEPTH);
    return new Config(
        new ImageShape(side, side, 3),
        width,
        Arrays.stream(depths).boxed().toList(),
        new Head.Attention(channels / headWidth),
        features);
  }

  /**
   * The tower in timm's names.
   *
   * @param visual the tensors of {@code visual}
   */
  static WeightSource renamed(Config config, WeightSource visual) {
    Map<String, String> names = new HashMap<>();
    List<Integer> depths = config.depths();
    for (int n = 1; n <= 3; n++) {
      put(names, "stem.conv" + n, "conv" + n, "bn" + n);
    }
    for (int i = 0; i < depths.size(); i++) {
      for (int j = 0; j < depths.get(i); j++) {
        String house = "stages." + i + "." + j + ".";
        String block = "layer" + (i + 1) + "." + j + ".";
        put(names, house + "conv1_1x1", block + "conv1", block + "bn1");
        put(names, house + "conv2_kxk", block + "conv2", block + "bn2");
        put(names, house + "conv3_1x1", block + "conv3", block + "bn3");
        put(names, house + "shortcut.conv", block + "downsample.0", block + "downsample.1");
      }
    }
    names.put("head.pos_embed", "attnpool.positional_embedding");
    names.put("head.q", "attnpool.q_proj");
    names.put("head.k", "attnpool.k_proj");
    names.put("head.v", "attnpool.v_proj");
    names.put("head.proj", "attnpool.c_proj");
    return new RenamedWeights(visual, names);
  }

  private static void put(Map<String, String> names, String house, String conv, String norm) {
    names.put(house + ".conv", conv);
    names.put(house + ".bn", norm);
  }
}
