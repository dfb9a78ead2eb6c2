package ocellus.models.arch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ocellus.engine.WeightSource;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Conv2d.Spec;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.arch.ResNet.Attention;
import ocellus.models.arch.ResNet.Block;
import ocellus.models.arch.ResNet.Config;
import ocellus.models.arch.ResNet.StemPool;

/**
 * SENet as the arguments of timm's {@code SENet} describe it, timm/models/senet.py: the networks of
 * Hu et al. 2018 with the strides and the pooling that Caffe gave them. Its tensors have other
 * names than those of {@link ResNetTimm}, which are the house's.
 */
final class LegacySENet {
  private static final Presets PRESETS = new Presets("senet");
  private static final int STAGES = 4;
  private static final int[] PLANES = {64, 128, 256, 512};

  /** Channels of each group of a SE-ResNeXt for 64 planes. */
  private static final int NEXT_WIDTH = 4;

  private static final int MAX_REDUCTION = 64;

  /** What tells the blocks apart: each gives the convolutions for its input and its planes. */
  private enum Kind {
    /** {@code SEResNetBlock}, which has an activation more before its channels are weighed. */
    BASIC(1) {
      @Override
      List<Spec> convs(int in, int planes, int stride, int groups) {
        return List.of(
            Spec.of(in, planes, 3).stride(stride), Spec.of(planes, planes, 3).groups(groups));
      }
    },
    /** {@code SEResNetBottleneck}, strided in its first convolution. */
    BOTTLENECK(4) {
      @Override
      List<Spec> convs(int in, int planes, int stride, int groups) {
        return List.of(
            Spec.of(in, planes, 1).stride(stride),
            Spec.of(planes, planes, 3).groups(groups),
            Spec.of(planes, 4 * planes, 1));
      }
    },
    /** {@code SEResNeXtBottleneck}. */
    NEXT(4) {
      @Override
      List<Spec> convs(int in, int planes, int stride, int groups) {
        int width = planes * NEXT_WIDTH / 64 * groups;
        return List.of(
            Spec.of(in, width, 1),
            Spec.of(width, width, 3).stride(stride).groups(groups),
            Spec.of(width, 4 * planes, 1));
      }
    },
    /** {@code SEBottleneck}, of SENet-154. */
    WIDE(4) {
      @Override
      List<Spec> convs(int in, int planes, int stride, int groups) {
        return List.of(
            Spec.of(in, 2 * planes, 1),
            Spec.of(2 * planes, 4 * planes, 3).stride(stride).groups(groups),
            Spec.of(4 * planes, 4 * planes, 1));
      }
    };

    final int expansion;

    Kind(int expansion) {
      this.expansion = expansion;
    }

    abstract List<Spec> convs(int in, int planes, int stride, int groups);

    /** By the name of timm's class, in lower case. */
    static Kind timm(String name) {
      return switch (name) {
        case "seresnetblock" -> BASIC;
        case "seresnetbottleneck" -> BOTTLENECK;
        case "seresnextbottleneck" -> NEXT;
        case "sebottleneck" -> WIDE;
        default -> throw new IllegalArgumentException("no block " + name);
      };
    }
  }

  private LegacySENet() {}

  static Set<String> architectures() {
    return PRESETS.architectures();
  }

  static Config config(TimmConfig timm) {
    for (String key : List.of("block", "groups", "inplanes", "input_3x3")) {
      if (timm.modelArgs().has(key)) {
        throw Extents.invalid(timm.modelArgs(), key, "none: the architecture has its own");
      }
    }
    var args = new TimmArguments(timm, PRESETS.arguments(timm.architecture()));
    args.verifyNoneIsNull();
    ImageShape input = args.input();
    int width = args.integer("inplanes", 64);
    List<Spec> stem =
        args.bool("input_3x3", false)
            ? ResNetTimm.deep(input.channels(), width / 2, width / 2)
            : List.of(Spec.of(input.channels(), width, 7).stride(2));
    Config config =
        new Config(
            input,
            stem,
            StemPool.MAX_CEILING,
            stages(args, width),
            Activation.RELU,
            Activation.RELU,
            args.globalPool(),
            args.classes());
    args.verifyAllHonoured();
    return config;
  }

  private static List<List<Block>> stages(TimmArguments args, int stemChannels) {
    Kind kind = Kind.timm(args.string("block", ""));
    int[] depths = Extents.list(args.at("layers"), "layers", STAGES, Config.MAX_DEPTH);
    int groups = args.integer("groups", 1);
    int reduction = Extents.one(args.at("reduction"), "reduction", 16, MAX_REDUCTION);
    int downKernel = args.integer("downsample_kernel_size", 1);
    int padding = args.integer("downsample_padding", 0);
    if (downKernel != 1 && downKernel != 3) {
      throw args.invalid("downsample_kernel_size", downKernel, "1 or 3");
    }
    if (padding != downKernel / 2) {
      throw args.invalid("downsample_padding", padding, "half of downsample_kernel_size");
    }
    List<List<Block>> stages = new ArrayList<>();
    int in = stemChannels;
    for (int i = 0; i < STAGES; i++) {
      int out = PLANES[i] * kind.expansion;
      List<Block> blocks = new ArrayList<>();
      for (int j = 0; j < depths[i]; j++) {
        int stride = i > 0 && j == 0 ? 2 : 1;
        boolean projects = j == 0 && (stride != 1 || in != out);
        Spec down = Spec.of(in, out, i == 0 ? 1 : downKernel).stride(stride);
        Shortcut shortcut = projects ? new Shortcut.Strided(down) : new Shortcut.Identity();
        blocks.add(
            new Block(
                kind.convs(in, PLANES[i], stride, groups),
                kind == Kind.BASIC ? Activation.RELU : Activation.IDENTITY,
                new Attention.Squeeze(out / reduction),
                shortcut));
        in = out;
      }
      stages.add(blocks);
    }
    return stages;
  }

  /** The checkpoint under the names of timm's ResNet. */
  static WeightSource renamed(Config config, WeightSource weights) {
    Map<String, String> names = new HashMap<>();
    int convs = config.stem().size();
    for (int i = 1; i < convs; i++) {
      names.put("conv1." + 3 * (i - 1), "layer0.conv" + i);
      names.put("conv1." + (3 * i - 2), "layer0.bn" + i);
    }
    names.put(convs == 1 ? "conv1" : "conv1." + 3 * (convs - 1), "layer0.conv" + convs);
    names.put("bn1", "layer0.bn" + convs);
    for (int i = 0; i < STAGES; i++) {
      for (int j = 0; j < config.stages().get(i).size(); j++) {
        String block = "layer" + (i + 1) + "." + j + ".";
        for (int n = 1; n <= config.stages().get(i).get(j).convs().size(); n++) {
          names.put(block + "conv" + n, block + "conv" + n);
          names.put(block + "bn" + n, block + "bn" + n);
        }
        names.put(block + "downsample.0", block + "downsample.0");
        names.put(block + "downsample.1", block + "downsample.1");
        names.put(block + "se.fc1", block + "se_module.fc1");
        names.put(block + "se.fc2", block + "se_module.fc2");
      }
    }
    names.put("fc", "last_linear");
    return new RenamedWeights(weights, names);
  }
}
