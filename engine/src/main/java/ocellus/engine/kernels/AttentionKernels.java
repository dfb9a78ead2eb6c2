package ocellus.engine.kernels;

import static ocellus.engine.kernels.Checks.require;
import static ocellus.engine.kernels.Checks.requireSame;
import static ocellus.engine.kernels.Checks.requireVector;
import static ocellus.engine.kernels.Kernels.kernels;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;

/**
 * The primitive operations of attention, with their arguments checked; {@link KernelSet} says what
 * each does. As {@link Kernels} otherwise.
 */
public final class AttentionKernels {
  private AttentionKernels() {}

  /** See {@link KernelSet#attention}; without a bias. */
  public static void attention(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {
    attention(qkv, heads, scale, null, y, ws);
  }

  /** See {@link KernelSet#attention}. */
  public static void attention(
      Tensor qkv, int heads, float scale, AttentionBias bias, Tensor y, Workspace ws) {
    requireHeads(qkv, heads, y);
    require(qkv.rows() == y.rows(), "attention: output", y, "rows", qkv.rows());
    if (bias != null && (bias.heads() != heads || bias.tokens() != y.rows())) {
      throw new IllegalArgumentException(
          "attention: a bias of %d heads and %d tokens for %d heads and %d tokens"
              .formatted(bias.heads(), bias.tokens(), heads, y.rows()));
    }
    kernels(ws).attention(qkv, heads, scale, bias, y, ws);
  }

  /** See {@link KernelSet#causalAttention}. */
  public static void causalAttention(Tensor qkv, int heads, float scale, Tensor y, Workspace ws) {
    requireHeads(qkv, heads, y);
    require(qkv.rows() == y.rows(), "causalAttention: output", y, "rows", qkv.rows());
    kernels(ws).causalAttention(qkv, heads, scale, y, ws);
  }

  /** See {@link KernelSet#windowAttention}. */
  public static void windowAttention(
      Tensor qkv, AttentionWindows windows, int heads, float scale, Tensor y, Workspace ws) {
    requireHeads(qkv, heads, y);
    require(qkv.rows() >= windows.inputs(), "windowAttention: qkv", qkv, "rows", windows.inputs());
    require(y.rows() == windows.outputs(), "windowAttention: output", y, "rows", windows.outputs());
    if (!windows.suits(heads)) {
      throw new IllegalArgumentException("windowAttention: biases for other than " + heads);
    }
    kernels(ws).windowAttention(qkv, windows, heads, scale, y, ws);
  }

  /** See {@link KernelSet#multiQueryAttention}. */
  public static void multiQueryAttention(
      Tensor q, Tensor keysAndValues, float scale, Tensor y, Workspace ws) {
    int width = keysAndValues.channels();
    if (keysAndValues.shape().rank() != 3
        || keysAndValues.dim(0) != 2
        || keysAndValues.size() == 0) {
      throw new IllegalArgumentException(
          "multiQueryAttention: keys and values " + keysAndValues + ", expected [2, keys, width]");
    }
    if (q.channels() % width != 0) {
      throw new IllegalArgumentException(
          "multiQueryAttention: queries " + q + " for heads of " + width);
    }
    requireSame("multiQueryAttention: output", y, q);
    kernels(ws).multiQueryAttention(q, keysAndValues, scale, y, ws);
  }

  private static void requireHeads(Tensor qkv, int heads, Tensor y) {
    int dim = y.channels();
    require(qkv.channels() == 3 * dim, "attention: qkv", qkv, "channels", 3 * dim);
    if (heads < 1 || dim % heads != 0) {
      throw new IllegalArgumentException("attention: " + dim + " channels in " + heads + " heads");
    }
  }

  /** See {@link KernelSet#normalizeHeads}. */
  public static void normalizeHeads(Tensor qkv, int heads, float[] factors, Workspace ws) {
    if (heads < 1 || qkv.channels() % (3 * heads) != 0) {
      throw new IllegalArgumentException("normalizeHeads: " + qkv + " of " + heads + " heads");
    }
    requireVector("normalizeHeads: factors", factors, heads);
    kernels(ws).normalizeHeads(qkv, heads, factors, ws);
  }

  /** See {@link KernelSet#rotate}. */
  public static void rotate(Tensor qkv, int heads, float[] cosines, float[] sines, Workspace ws) {
    int channels = qkv.channels();
    if (heads < 1 || channels % (6 * heads) != 0) {
      throw new IllegalArgumentException(
          "rotate: " + channels + " channels for queries, keys and values of " + heads + " heads");
    }
    int angles = qkv.rows() * (channels / (6 * heads));
    requireVector("rotate: cosines", cosines, angles);
    requireVector("rotate: sines", sines, angles);
    kernels(ws).rotate(qkv, heads, cosines, sines, ws);
  }
}
