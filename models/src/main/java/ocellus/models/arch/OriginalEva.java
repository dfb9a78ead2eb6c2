package ocellus.models.arch;

import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import ocellus.engine.WeightException;
import ocellus.engine.WeightException.Defect;
import ocellus.engine.WeightScope;
import ocellus.engine.WeightSource;
import ocellus.models.arch.Eva.Config;
import ocellus.models.arch.Eva.Qkv;
import ocellus.models.arch.PositionEmbedding.Grid;
import ocellus.models.arch.SlicedWeights.Slice;

/**
 * Checkpoints of EVA-02 and DINOv3 in the names of their authors' code, as timm's {@code
 * checkpoint_filter_fn} of {@code eva.py} understands them. What they have besides weights is
 * compared with what is computed here.
 */
final class OriginalEva {
  /** Half a unit in the last place of BF16, in which the authors compute exponents: 100^(1/256). */
  private static final double PERIOD_TOLERANCE = 0.02;

  /** A unit in the last place of BF16 at 1. */
  private static final double COSINE_TOLERANCE = 1.0 / 128;

  private static final String QKV_BIAS = "attn.qkv.bias";

  private OriginalEva() {}

  /** The checkpoint in timm's names; one that has them already as it is. */
  static WeightSource renamed(WeightSource file, Config config) {
    Map<String, String> names = new HashMap<>();
    Map<String, Slice> slices = new HashMap<>();
    Qkv qkv = config.layer().qkv();
    names.put("reg_token", "storage_tokens");
    if (file.names().contains("mask_token") && config.head().poolNorm()) {
      names.put("fc_norm", "norm"); // pre-trained without a head: the only norm there is
    }
    for (int i = 0; i < config.depth(); i++) {
      String block = "blocks." + i + ".";
      names.put(block + "gamma_1", block + "ls1.gamma");
      names.put(block + "gamma_2", block + "ls2.gamma");
      names.put(block + "attn.norm", block + "attn.inner_attn_ln");
      names.put(block + "mlp.norm", block + "mlp.ffn_ln");
      names.put(block + "mlp.fc1", block + "mlp.w12");
      names.put(block + "mlp.fc1_g", block + "mlp.w1");
      names.put(block + "mlp.fc1_x", block + "mlp.w2");
      names.put(block + "mlp.fc2", block + "mlp.w3");
      if (qkv.separate()) {
        names.put(block + "attn.q_proj.bias", block + "attn.q_bias");
        names.put(block + "attn.v_proj.bias", block + "attn.v_bias");
      } else if (!qkv.isUniform()) {
        slice(file, block, slices);
      }
    }
    WeightSource house = RenamedWeights.ofThoseInFile(file, names);
    return slices.isEmpty() ? house : new SlicedWeights(house, slices);
  }

  /** Takes the biases of queries and values out of those of all three. */
  private static void slice(WeightSource file, String block, Map<String, Slice> slices) {
    String queries = block + "attn.q_bias";
    String values = block + "attn.v_bias";
    boolean separate = file.names().contains(queries) || file.names().contains(values);
    if (file.names().contains(block + QKV_BIAS) && !separate) {
      slices.put(queries, Slice.of(block + QKV_BIAS, 0, 1, 3));
      slices.put(values, Slice.of(block + QKV_BIAS, 2, 1, 3));
    }
  }

  /**
   * Declares what serves nothing here: what only pre-training has, what is computed from the
   * configuration, and biases that are zero.
   *
   * @throws WeightException if what is computed, or zero, is something else in the file
   */
  static void ignoreUnused(WeightScope w, WeightSource file, Config config) {
    w.ignore(
        name ->
            name.equals("mask_token")
                || name.startsWith("lm_head.")
                || name.startsWith("local_cls_norm."));
    if (config.rotations() != null) {
      file.names().forEach(name -> verifyRotations(file, name, config));
      w.ignore(name -> name.matches("(blocks\\.\\d+\\.attn\\.)?rope\\..*|rope_embed\\.periods"));
    }
    for (int i = 0; i < config.depth(); i++) {
      ignoreMasked(w, file, "blocks." + i + "." + QKV_BIAS, config.layer());
    }
  }

  private static void verifyRotations(WeightSource file, String name, Config config) {
    int width = config.layer().dim() / config.layer().heads();
    if (name.endsWith("rope.freqs_cos")) {
      verifyAngles(file, name, config, width, Math::cos);
    } else if (name.endsWith("rope.freqs_sin")) {
      verifyAngles(file, name, config, width, Math::sin);
    } else if (name.equals("rope_embed.periods")) {
      double[] expected = new double[width / 4];
      if (config.rotations() instanceof Rotations.ByCentre r) {
        for (int i = 0; i < expected.length; i++) {
          expected[i] = Math.pow(r.temperature(), (double) i / expected.length);
        }
      }
      verify(file, name, expected, PERIOD_TOLERANCE);
    }
  }

  /** Each angle stands for two neighbouring channels, {@code [patches, width of a head]}. */
  private static void verifyAngles(
      WeightSource file, String name, Config config, int width, DoubleUnaryOperator function) {
    long patches = file.shape(name).size() / width;
    Grid grid = config.input().grid();
    if (patches != grid.size()) {
      int side = (int) Math.sqrt((double) patches);
      grid = new Grid(side, side);
    }
    double[] angles = config.rotations().angles(grid, width);
    double[] expected = new double[2 * angles.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = function.applyAsDouble(angles[i / 2]);
    }
    verify(file, name, expected, COSINE_TOLERANCE);
  }

  /**
   * DINOv3 stores a bias of queries, keys and values with a mask that is 0 for those of keys. Some
   * networks have biases of zeros, and here none.
   */
  private static void ignoreMasked(WeightScope w, WeightSource file, String bias, Eva.Layer l) {
    String mask = bias + "_mask";
    int dim = l.dim();
    double[] zeros = new double[3 * dim];
    if (file.names().contains(mask)) {
      double[] expected = new double[3 * dim];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = i / dim == 1 ? 0 : 1;
      }
      verify(file, mask, expected, 0);
      w.ignore(mask::equals);
    }
    if (file.names().contains(bias) && !l.qkv().queryBias()) {
      verify(file, bias, zeros, 0);
      w.ignore(bias::equals);
    }
  }

  /** Refuses a tensor with other values than these. */
  private static void verify(WeightSource file, String name, double[] expected, double tolerance) {
    float[] actual = new float[expected.length];
    boolean same = file.shape(name).size() == actual.length;
    if (same) {
      file.read(name, 0, actual, 0, actual.length);
    }
    for (int i = 0; same && i < actual.length; i++) {
      same = Math.abs(actual[i] - expected[i]) <= tolerance * Math.max(1, Math.abs(expected[i]));
    }
    if (!same) {
      throw new WeightException(
          Defect.UNEXPECTED,
          name,
          "%s: tensor %s %s has other values than this architecture computes with; does the configuration belong to it?"
              .formatted(file.description(), name, file.shape(name)));
    }
  }
}
