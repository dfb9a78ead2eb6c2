package ocellus.models.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightSource;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Packer;
import ocellus.loaders.checkpoint.Checkpoint;
import ocellus.loaders.checkpoint.TimmConfig;
import ocellus.models.ImageModel;
import ocellus.models.goldens.Goldens;
import ocellus.models.goldens.Listings;
import ocellus.models.goldens.SyntheticWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints in the names of the authors' code: the bits of the same weights in timm's names. */
class OriginalNamesTest {
  /** Tensors in memory. */
  private record Tensors(Map<String, Tensor> tensors) implements WeightSource {
    static Tensors of(WeightSource file) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : file.names()) {
        Tensor tensor = Tensor.zeros(file.shape(name).toArray());
        file.read(name, 0, tensor.data(), 0, tensor.size());
        tensors.put(name, tensor);
      }
      return new Tensors(tensors);
    }

    @Override
    public Set<String> names() {
      return tensors.keySet();
    }

    @Override
    public Shape shape(String name) {
      return tensors.get(name).shape();
    }

    @Override
    public void read(String name, long from, float[] target, int offset, int count) {
      System.arraycopy(tensors.get(name).data(), (int) from, target, offset, count);
    }

    @Override
    public String description() {
      return "test.safetensors";
    }

    void put(String name, float[] elements, long... dims) {
      tensors.put(name, Tensor.of(elements, dims));
    }

    /** Replaces a part of all names. */
    void rename(String from, String to) {
      for (String name : Set.copyOf(tensors.keySet())) {
        if (name.contains(from)) {
          tensors.put(name.replace(from, to), tensors.remove(name));
        }
      }
    }

    float[] remove(String name) {
      return tensors.remove(name).data();
    }
  }

  /** The checkpoint of a golden in its authors' names. */
  private static void rename(String golden, Tensors t) {
    switch (golden) {
      case "eva/dinov3" -> {
        dinov3(t);
        for (String block : new String[] {"blocks.0.", "blocks.1."}) {
          float[] q = t.remove(block + "attn.q_bias");
          float[] v = t.remove(block + "attn.v_bias");
          float[] bias = Arrays.copyOf(q, 48);
          Arrays.fill(bias, 16, 32, 7f); // masked: anything
          System.arraycopy(v, 0, bias, 32, 16);
          t.put(block + "attn.qkv.bias", bias, 48);
          t.put(block + "attn.qkv.bias_mask", mask(16), 48);
        }
      }
      case "eva/dinov3_gated" -> {
        dinov3(t);
        separateGate(t);
        t.put("local_cls_norm.weight", new float[16], 16);
        t.put("blocks.0.attn.qkv.bias", new float[48], 48);
        t.put("blocks.0.attn.qkv.bias_mask", mask(16), 48);
      }
      case "eva/separate_norm" -> {
        separateGate(t);
        t.rename("mlp.norm", "mlp.ffn_ln");
        t.rename("q_proj.bias", "q_bias");
        t.rename("v_proj.bias", "v_bias");
        float[][] table = table(3, 5, 8, 16.0 / 3, 16.0 / 5);
        t.put("rope.freqs_cos", table[0], 15, 8);
        t.put("rope.freqs_sin", table[1], 15, 8);
        t.put("blocks.1.attn.rope.freqs_cos", table[0], 15, 8);
      }
      case "eva/attention_norm" -> {
        separateGate(t);
        t.rename("mlp.norm", "mlp.ffn_ln");
        t.rename("attn.norm", "attn.inner_attn_ln");
        t.rename("q_proj.bias", "q_bias");
        t.rename("v_proj.bias", "v_bias");
      }
      case "eva/joint_gated" -> {
        t.rename("mlp.fc1", "mlp.w12");
        t.rename("mlp.fc2", "mlp.w3");
        t.rename("fc_norm", "norm");
        t.put("mask_token", new float[16], 1, 1, 16);
        t.put("lm_head.weight", new float[32], 2, 16);
      }
      case "vit/registers", "vit/gated" -> {
        int dim = t.shape("cls_token").size() == 16 ? 16 : 24;
        t.rename("reg_token", "register_tokens");
        t.rename("mlp.fc1", golden.endsWith("gated") ? "mlp.w12" : "mlp.fc1");
        t.rename("mlp.fc2", golden.endsWith("gated") ? "mlp.w3" : "mlp.fc2");
        t.put("mask_token", new float[dim], 1, dim);
        float[] positions = t.remove("pos_embed");
        float[] all = new float[dim + positions.length];
        float[] token = t.remove("cls_token");
        for (int i = 0; i < dim; i++) {
          all[i] = 0.5f * i;
          token[i] -= all[i];
        }
        System.arraycopy(positions, 0, all, dim, positions.length);
        t.put("cls_token", token, 1, 1, dim);
        t.put("pos_embed", all, 1, all.length / dim, dim);
      }
      default -> throw new IllegalArgumentException(golden);
    }
  }

  private static void dinov3(Tensors t) {
    t.rename("reg_token", "storage_tokens");
    t.rename("gamma_1", "ls1.gamma");
    t.rename("gamma_2", "ls2.gamma");
    t.put("mask_token", new float[16], 1, 16);
    t.put("rope_embed.periods", new float[] {1, 10.0625f}, 2); // of 100, in BF16
  }

  private static void separateGate(Tensors t) {
    t.rename("mlp.fc1_g", "mlp.w1");
    t.rename("mlp.fc1_x", "mlp.w2");
    t.rename("mlp.fc2", "mlp.w3");
  }

  private static float[] mask(int dim) {
    float[] mask = new float[3 * dim];
    Arrays.fill(mask, 1);
    Arrays.fill(mask, dim, 2 * dim, 0);
    return mask;
  }

  /** Cosines and sines as VisionRotaryEmbeddingFast has them, {@code [rows * columns, width]}. */
  private static float[][] table(
      int rows, int columns, int width, double rowStretch, double columnStretch) {
    float[][] table = new float[2][rows * columns * width];
    for (int i = 0; i < table[0].length; i++) {
      int patch = i / width;
      int row = patch / columns;
      int channel = i % width;
      int band = channel % (width / 2) / 2;
      double position = channel < width / 2 ? row * rowStretch : patch % columns * columnStretch;
      double angle = position * Math.pow(10000, -band / (width / 4.0));
      table[0][i] = (float) Math.cos(angle);
      table[1][i] = (float) Math.sin(angle);
    }
    return table;
  }

  private static ImageModel model(String golden, TimmConfig config, WeightSource w, Arena arena) {
    Packer packer = Packer.into(arena);
    return golden.startsWith("eva")
        ? Eva.timm(config, w, packer)
        : VisionTransformer.timm(config, w, packer);
  }

  private static void withGolden(String golden, Consumer<Checkpoint> test) {
    try (Checkpoint checkpoint = Checkpoint.open(Goldens.folder(golden))) {
      test.accept(checkpoint);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "eva/dinov3",
    "eva/dinov3_gated",
    "eva/separate_norm",
    "eva/attention_norm",
    "eva/joint_gated",
    "vit/registers",
    "vit/gated",
  })
  void theBitsAreThoseOfTheSameWeightsInTimmsNames(String golden) {
    withGolden(
        golden,
        checkpoint -> {
          TimmConfig config = (TimmConfig) checkpoint.config();
          Tensors tensors = Tensors.of(checkpoint.weights());
          rename(golden, tensors);
          assertFalse(checkpoint.weights().names().containsAll(tensors.names()));
          Tensor image = Goldens.of(golden).input();
          try (Arena arena = Arena.ofConfined()) {
            ImageModel original = model(golden, config, tensors, arena);
            ImageModel timm = model(golden, config, timms(golden, checkpoint, tensors), arena);
            Workspace ws = new Workspace();
            assertArrayEquals(
                timm.features(image, ws).toArray(), original.features(image, ws).toArray());
          }
        });
  }

  /** With the class token that timm makes of token and position, which rounds. */
  private static WeightSource timms(String golden, Checkpoint checkpoint, Tensors original) {
    Tensors timm = Tensors.of(checkpoint.weights());
    if (golden.startsWith("vit")) {
      float[] token = timm.tensors.get("cls_token").data();
      for (int i = 0; i < token.length; i++) {
        token[i] =
            original.tensors.get("cls_token").data()[i]
                + original.tensors.get("pos_embed").data()[i];
      }
    }
    return timm;
  }

  private static void assertRefused(String golden, Consumer<Tensors> damage, String message) {
    withGolden(
        golden,
        checkpoint -> {
          Tensors tensors = Tensors.of(checkpoint.weights());
          rename(golden, tensors);
          damage.accept(tensors);
          TimmConfig config = (TimmConfig) checkpoint.config();
          try (Arena arena = Arena.ofConfined()) {
            var e =
                assertThrows(WeightException.class, () -> model(golden, config, tensors, arena));
            assertEquals(Defect.UNEXPECTED, e.defect());
            assertTrue(e.getMessage().contains(message), e.getMessage());
          }
        });
  }

  @Test
  void whatIsComputedMustBeWhatTheFileHas() {
    String other = " has other values than this architecture computes with";
    assertRefused(
        "eva/dinov3",
        t -> t.put("rope_embed.periods", new float[] {1, 12}, 2),
        "tensor rope_embed.periods [2]" + other);
    assertRefused(
        "eva/dinov3",
        t -> t.put("blocks.1.attn.qkv.bias_mask", new float[48], 48),
        "tensor blocks.1.attn.qkv.bias_mask [48]" + other);
    assertRefused(
        "eva/dinov3_gated",
        t -> t.tensors.get("blocks.0.attn.qkv.bias").data()[40] = 1,
        "tensor blocks.0.attn.qkv.bias [48]" + other);
    float[][] table = table(3, 5, 8, 1, 1); // not stretched to the grid of its training
    assertRefused(
        "eva/separate_norm",
        t -> t.put("rope.freqs_sin", table[1], 15, 8),
        "tensor rope.freqs_sin [15, 8]" + other);
  }

  @Test
  void bothNamesOfATensorAreOneTooMany() {
    assertRefused(
        "eva/separate_norm",
        t -> t.put("blocks.0.mlp.fc2.bias", new float[16], 16),
        "is not part of the architecture");
    assertRefused(
        "eva/dinov3",
        t -> {
          t.put("blocks.0.attn.q_bias", new float[16], 16);
          t.put("blocks.0.attn.v_bias", new float[16], 16);
        },
        "tensor blocks.0.attn.qkv.bias [48] is not part of the architecture");
  }

  /** Renames of all tensors of a preset, {@code timm>original}. */
  @ParameterizedTest
  @CsvSource({
    "eva, vit_large_patch16_dinov3, reg_token>storage_tokens gamma_1>ls1.gamma gamma_2>ls2.gamma",
    "eva, vit_huge_plus_patch16_dinov3, reg_token>storage_tokens gamma_1>ls1.gamma"
        + " gamma_2>ls2.gamma mlp.fc1_g>mlp.w1 mlp.fc1_x>mlp.w2 mlp.fc2>mlp.w3",
    "eva, vit_7b_patch16_dinov3, reg_token>storage_tokens gamma_1>ls1.gamma"
        + " gamma_2>ls2.gamma mlp.fc1_g>mlp.w1 mlp.fc1_x>mlp.w2 mlp.fc2>mlp.w3",
    "eva, eva02_large_patch14_448, mlp.norm>mlp.ffn_ln mlp.fc1_g>mlp.w1"
        + " mlp.fc1_x>mlp.w2 mlp.fc2>mlp.w3 q_proj.bias>q_bias v_proj.bias>v_bias",
    "vit, vit_giant_patch14_dinov2, mlp.fc1>mlp.w12 mlp.fc2>mlp.w3",
    "vit, deit3_huge_patch14_224, ls1.gamma>gamma_1 ls2.gamma>gamma_2",
  })
  void presetsAreFoundUnderTheirOriginalNames(String family, String preset, String renames) {
    Map<String, Shape> original = new LinkedHashMap<>();
    Map<String, Shape> listing = Listings.of(family).get(preset);
    for (Map.Entry<String, Shape> tensor : listing.entrySet()) {
      String name = tensor.getKey();
      for (String rename : renames.split(" ", -1)) {
        String[] fromTo = rename.split(">", 2);
        name = name.replace(fromTo[0], fromTo[1]);
      }
      original.put(name, tensor.getValue());
    }
    assertFalse(original.keySet().containsAll(listing.keySet()));
    int size =
        preset.startsWith("eva")
            ? 448
            : preset.endsWith("dinov2") ? 518 : preset.endsWith("dinov3") ? 256 : 224;
    int classes = listing.containsKey("head.weight") ? (int) listing.get("head.weight").dim(0) : 0;
    TimmConfig config =
        TimmConfigs.of(preset, "'img_size': " + size + ", 'num_classes': " + classes);
    Packer nothing = Packer.measuring(null);
    WeightSource weights = new SyntheticWeights(original);
    ImageModel model =
        family.equals("eva")
            ? Eva.timm(config, weights, nothing)
            : VisionTransformer.timm(config, weights, nothing);
    assertEquals(classes, model.classCount());
  }
}
