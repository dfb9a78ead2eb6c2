package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.engine.kernels.VectorWidth;
import ocellus.engine.threads.Threads;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.loaders.checkpoint.TransformersConfig;
import ocellus.loaders.tokenizer.TextTokens;
import ocellus.models.ImageModel;
import ocellus.models.TextModel;
import ocellus.models.arch.ClipResNet.Head;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What forward passes take from the heap. */
class MemoryTest {
  private static final ThreadMXBean MEASURE = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int WARM_UP_PASSES = 20;
  private static final int PASSES = 20;

  /**
   * What compiling may take. Until then vectors are objects: the zero at the end counts, not how
   * soon it comes.
   */
  private static final double LONGEST_SECONDS = 60;

  private static final int SIZE = 64;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "vit_tiny_patch16_224; 'embed_dim': 48, 'depth': 2, 'num_heads': 3, 'img_size': 64",
        "vit_tiny_patch16_224; 'depth': 1, 'img_size': 64, 'global_pool': 'avg'",
        "vit_giant_patch14_dinov2; 'embed_dim': 48, 'depth': 1, 'num_heads': 3, 'img_size': 64",
        "vit_base_patch16_siglip_224; 'embed_dim': 48, 'depth': 1, 'num_heads': 3, 'img_size': 64",
        "dinov2_vits14_lc; 'embed_dim': 48, 'depth': 4, 'num_heads': 3, 'patch_size': 56",
        "eva02_base_patch14_224; 'embed_dim': 48, 'depth': 1, 'num_heads': 3, 'img_size': 64",
        "beit_base_patch16_224; 'embed_dim': 48, 'depth': 1, 'num_heads': 3, 'img_size': 64",
        "convnext_atto; 'depths': [1, 1, 2, 1], 'dims': [8, 16, 24, 32]",
        "convnextv2_atto; 'depths': [1, 1, 2, 1], 'dims': [8, 16, 24, 32]",
        "swin_tiny_patch4_window7_224; 'embed_dim': 32, 'depths': [2, 2],"
            + " 'num_heads': [1, 2], 'img_size': 64, 'window_size': 5",
        "swinv2_tiny_window8_256; 'embed_dim': 32, 'depths': [2, 2],"
            + " 'num_heads': [1, 2], 'img_size': 64, 'window_size': 5",
        "mobilenetv1_100; ''",
        "mobilenetv2_035; ''",
        "mobilenetv3_small_050; ''",
        "mobilenetv4_hybrid_medium_075; ''",
        "efficientnet_b0; ''",
        "efficientnet_es; ''",
        "resnet18d; 'layers': [1, 1, 1, 1], 'channels': [8, 12, 16, 20]",
        "ecaresnext26t_32x4d; 'channels': [16, 16, 16, 32]",
        "vgg11; 'mlp_ratio': 0.002",
        "squeezenet1_1; ''",
        "regnety_002; 'w0': 8, 'wa': 8, 'wm': 2, 'depth': 6, 'group_size': 8",
        "tf_efficientnetv2_b0; ''",
      })
  void aSteadyPassAllocatesNothing(String architecture, String arguments) {
    assumeTrue(VectorWidth.BITS > 0, "the scalar kernels are plain rather than frugal");
    TimmConfig config = TimmConfigs.of(architecture, arguments.equals("''") ? "" : arguments);
    for (int count = 1; count <= 2; count++) {
      try (Arena arena = Arena.ofShared();
          Threads threads = Threads.of(count)) {
        ImageModel model = model(config, arena);
        int side = model.accepts(SIZE, SIZE) ? SIZE : model.inputHeight();
        verifySteady(model, SyntheticWeights.image(side, side), threads);
      }
    }
  }

  /** What moves over an image is described anew, in some hundred bytes, where the size changes. */
  @Test
  void steadyPassesOfEachAspectRatioAllocateNothing() {
    assumeTrue(VectorWidth.BITS > 0, "the scalar kernels are plain rather than frugal");
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.folder("siglip2/classifier"));
        Arena arena = Arena.ofShared();
        Threads threads = Threads.of(2)) {
      var config = (TransformersConfig) checkpoint.config();
      WeightSource weights = checkpoint.weights();
      ImageModel model = VisionTransformer.transformers(config, weights, Packer.into(arena));
      Workspace ws = new Workspace(threads);
      for (int columns : new int[] {11, 4, 5, 11}) {
        Tensor image = SyntheticWeights.image(12, 4 * columns);
        verifySteady(() -> model.logits(model.features(image, ws), ws), ws, threads);
      }
    }
  }

  private static ImageModel model(TimmConfig config, Arena arena) {
    return switch (config.architecture().replaceFirst("^tf_", "").replaceFirst("_.*", "")) {
      case "vit" -> vit(config, arena);
      case "dinov2" -> {
        var structure = Dinov2Classifier.config(config);
        var weights = weights(w -> VisionTransformer.build(structure, w));
        yield VisionTransformer.build(structure, WeightScope.of(weights, Packer.into(arena)));
      }
      case "eva02" -> {
        var weights = weights(w -> Eva.build(TimmEva.config(config), w));
        yield Eva.timm(config, weights, Packer.into(arena));
      }
      case "beit" -> {
        var weights = weights(w -> Beit.build(TimmBeit.config(config), w));
        yield Beit.timm(config, weights, Packer.into(arena));
      }
      case "convnext", "convnextv2" -> {
        var weights = weights(w -> new ConvNext(ConvNextTimm.config(config), w));
        yield ConvNext.timm(config, weights, Packer.into(arena));
      }
      case "swin", "swinv2" -> {
        var weights = weights(w -> new Swin(SwinTimm.config(config), w));
        yield Swin.timm(config, weights, Packer.into(arena));
      }
      case "mobilenetv1" -> {
        var weights = weights(w -> new MobileNet(MobileNetV1.timmConfig(config), w));
        yield MobileNetV1.timm(config, weights, Packer.into(arena));
      }
      case "mobilenetv2" -> {
        var weights = weights(w -> new MobileNet(MobileNetV2.timmConfig(config), w));
        yield MobileNetV2.timm(config, weights, Packer.into(arena));
      }
      case "efficientnetv2" -> {
        var weights = weights(w -> new MobileNet(EfficientNetV2.timmConfig(config), w));
        yield EfficientNetV2.timm(config, weights, Packer.into(arena));
      }
      case "efficientnet" -> {
        var weights = weights(w -> new MobileNet(EfficientNet.timmConfig(config), w));
        yield EfficientNet.timm(config, weights, Packer.into(arena));
      }
      case "mobilenetv4" -> {
        var weights = weights(w -> new MobileNetV3(MobileNetV4.timmConfig(config), w));
        yield MobileNetV4.timm(config, weights, Packer.into(arena));
      }
      case "mobilenetv3" -> {
        var weights = weights(w -> new MobileNetV3(MobileNetV3.timmConfig(config), w));
        yield MobileNetV3.timm(config, weights, Packer.into(arena));
      }
      case "vgg11" -> {
        WeightSource weights = new SyntheticWeights(VggTest.tensors(config));
        yield Vgg.timm(config, weights, Packer.into(arena));
      }
      case "squeezenet1" -> {
        WeightSource weights = new SyntheticWeights(TorchvisionTest.tensors(config));
        yield SqueezeNet.timm(config, weights, Packer.into(arena));
      }
      case "regnety" -> {
        WeightSource weights = new SyntheticWeights(RegNetTest.tensors(config));
        yield RegNet.timm(config, weights, Packer.into(arena));
      }
      default -> {
        WeightSource weights = new SyntheticWeights(ResNetTest.tensors(config));
        yield ResNet.timm(config, weights, Packer.into(arena));
      }
    };
  }

  private static ImageModel vit(TimmConfig config, Arena arena) {
    var weights = weights(w -> VisionTransformer.build(TimmViT.config(config), w));
    return VisionTransformer.timm(config, weights, Packer.into(arena));
  }

  /** Synthetic weights for what a constructor asks for. */
  private static SyntheticWeights weights(Function<WeightScope, ImageModel> constructor) {
    Map<String, Shape> listing = new LinkedHashMap<>();
    var _ = constructor.apply(WeightScope.listing(listing));
    return new SyntheticWeights(listing);
  }

  /** A published one, of 50 layers, takes too long to be compiled. */
  @Test
  void aSteadyPassOfASmallClipResNetAllocatesNothing() {
    assumeTrue(VectorWidth.BITS > 0, "the scalar kernels are plain rather than frugal");
    var input = new ImageShape(64, 64, 3);
    var config = new ClipResNet.Config(input, 8, List.of(1, 1, 1, 1), new Head.Attention(4), 5);
    WeightSource weights = new SyntheticWeights(ClipResNetTest.tensors(config));
    for (int count = 1; count <= 2; count++) {
      try (Arena arena = Arena.ofShared();
          Threads threads = Threads.of(count)) {
        var model = new ClipResNet(config, WeightScope.of(weights, Packer.into(arena)));
        verifySteady(model, SyntheticWeights.image(64, 64), threads);
      }
    }
  }

  /** Texts of several lengths, with and without a mask; the table of tokens is mapped. */
  @ParameterizedTest
  @ValueSource(strings = {"both_towers", "siglip"})
  void aSteadyPassOfTextsAllocatesNothing(String name) {
    assumeTrue(VectorWidth.BITS > 0, "the scalar kernels are plain rather than frugal");
    int end = 39;
    List<TextTokens> texts = new ArrayList<>();
    for (int length : new int[] {2, 7, 12}) {
      int[] ids = new int[12];
      ids[length - 1] = end;
      texts.add(new TextTokens(ids, 0, length, false));
      texts.add(TextTokens.of(ids));
    }
    for (int count = 1; count <= 2; count++) {
      try (Checkpoint checkpoint = Checkpoint.open(Goldens.folder("clip/" + name));
          Arena arena = Arena.ofShared();
          Threads threads = Threads.of(count)) {
        var config = (TransformersConfig) checkpoint.config();
        TextModel model = TextTowers.transformers(config, checkpoint.weights(), Packer.into(arena));
        Workspace ws = new Workspace(threads);
        verifySteady(() -> model.features(texts, ws), ws, threads);
      }
    }
  }

  private static void verifySteady(ImageModel model, Tensor image, Threads threads) {
    Workspace ws = new Workspace(threads);
    verifySteady(() -> model.logits(model.features(image, ws), ws), ws, threads);
  }

  private static void verifySteady(Runnable pass, Workspace ws, Threads threads) {
    run(pass, ws, WARM_UP_PASSES);
    long[] team = team(threads);
    long start = System.nanoTime();
    long allocated;
    do {
      long before = allocatedBy(team);
      run(pass, ws, PASSES);
      allocated = allocatedBy(team) - before;
    } while (allocated > 0 && System.nanoTime() - start < LONGEST_SECONDS * 1e9);
    assertEquals(0, allocated, "bytes in " + PASSES + " passes");
  }

  private static void run(Runnable pass, Workspace ws, int passes) {
    for (int i = 0; i < passes; i++) {
      Workspace.Mark mark = ws.mark();
      pass.run();
      ws.release(mark);
    }
  }

  /** The threads that run the chunks of a region. */
  private static long[] team(Threads threads) {
    Set<Long> team = ConcurrentHashMap.newKeySet();
    while (team.size() < threads.count()) {
      threads.run(64, (_, _) -> team.add(Thread.currentThread().threadId()));
    }
    return team.stream().mapToLong(id -> id).toArray();
  }

  private static long allocatedBy(long[] threads) {
    long bytes = 0;
    for (long thread : threads) {
      bytes += MEASURE.getThreadAllocatedBytes(thread);
    }
    return bytes;
  }

  /** All blocks use the same memory, so that two of the twelve show it. */
  @Test
  void activationsOfViTBaseTakeLessThan30Megabytes() {
    try (Arena arena = Arena.ofShared()) {
      ImageModel model = vit(TimmConfigs.of("vit_base_patch16_224", "'depth': 2"), arena);
      Workspace ws = new Workspace();
      Tensor image = SyntheticWeights.image(224, 224);
      model.logits(model.features(image, ws), ws);
      assertTrue(ws.activationBytes() < 30 << 20, ws.toString());
    }
  }
}
