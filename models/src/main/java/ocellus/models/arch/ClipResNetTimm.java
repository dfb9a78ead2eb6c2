package ocellus.models.arch;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.arch.ClipResNet.Config;
import ocellus.models.arch.ClipResNet.Head;
import ocellus.models.arch.TokenEmbedding.Input;

/** CLIP's ResNets as timm describes them, {@code ByobNet} with blocks of its own. */
final class ClipResNetTimm {
  /** After the name of a network, where it has means in place of attention pooling. */
  private static final String MEANS = "_gap";

  /** What timm calls attention pooling. */
  private static final String TOKEN = "token";

  /** Channels of a head. */
  private static final int HEAD_WIDTH = 64;

  /** Channels of the stem, depths of the stages and height and width of the images. */
  private record Preset(int width, List<Integer> depths, int side) {}

  private static final Map<String, Preset> PRESETS = new TreeMap<>();

  static {
    put("resnet50_clip", 64, List.of(3, 4, 6, 3), 224);
    put("resnet101_clip", 64, List.of(3, 4, 23, 3), 224);
    put("resnet50x4_clip", 80, List.of(4, 6, 10, 6), 288);
    put("resnet50x16_clip", 96, List.of(6, 8, 18, 8), 384);
    put("resnet50x64_clip", 128, List.of(3, 15, 36, 10), 448);
  }

  private ClipResNetTimm() {}

  private static void put(String name, int width, List<Integer> depths, int side) {
    Preset preset = new Preset(width, depths, side);
    PRESETS.put(name, preset);
    PRESETS.put(name + MEANS, preset);
  }

  static Set<String> architectures() {
    return Set.copyOf(PRESETS.keySet());
  }

  /**
   * @throws ocellus.loaders.CheckpointException if an argument asks for what is not supported
   */
  static Config config(TimmConfig timm) {
    Preset preset = TimmArguments.preset(PRESETS, timm);
    TimmArguments args = new TimmArguments(timm);
    args.verifyNoneIsNull();
    args.ignore("zero_init_last");
    ImageShape input = input(timm, args, preset.side);
    boolean pools = timm.architecture().endsWith(MEANS);
    Head head = pools ? new Head.Pooled(args.globalPool()) : attention(timm, args, preset, input);
    Config config = new Config(input, preset.width, preset.depths, head, args.classes());
    args.verifyAllHonoured();
    return config;
  }

  /** {@code img_size}, or else what the weights are meant for, or what the published ones are. */
  private static ImageShape input(TimmConfig timm, TimmArguments args, int published) {
    ImageShape meant = args.input();
    boolean given = timm.modelArgs().has("img_size");
    if (!given && timm.pretrainedCfg().has("input_size")) {
      return meant;
    }
    int[] size =
        Extents.oneOrList(args.at("img_size"), "img_size", published, 2, Input.LONGEST_SIDE);
    return new ImageShape(size[0], size[1], meant.channels());
  }

  private static Head attention(
      TimmConfig timm, TimmArguments args, Preset preset, ImageShape input) {
    args.ignore("global_pool");
    String pool = timm.globalPool().orElse(TOKEN);
    if (!pool.equals(TOKEN)) {
      throw args.invalid("global_pool", '"' + pool + '"', TOKEN + ", or an architecture in _gap");
    }
    boolean fits = input.height() == input.width() && input.height() % ClipResNet.STRIDE == 0;
    if (!fits) {
      throw new CheckpointException(
          "%s: images of %d x %d pixels; attention pooling needs squares of a multiple of %d"
              .formatted(timm.root().source(), input.height(), input.width(), ClipResNet.STRIDE));
    }
    return new Head.Attention(ClipResNet.channels(preset.width) / HEAD_WIDTH);
  }
}
