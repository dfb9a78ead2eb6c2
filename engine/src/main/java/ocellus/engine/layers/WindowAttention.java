package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionKernels;
import ocellus.engine.kernels.AttentionWindows;
import ocellus.engine.kernels.WarmUp;

/**
 * Multi-head self-attention within windows, with relative position bias: Liu et al. 2021, "Swin
 * Transformer", equation 4. Immutable, thread-safe.
 */
public final class WindowAttention {
  private final WindowProjection qkv;
  private final AttentionWindows windows;
  private final Linear proj;
  private final int dim;
  private final int heads;
  private final float scale;

  /**
   * {@code qkv [3 dim, dim]}, {@code relative_position_bias_table [distances, heads]} and {@code
   * proj [dim, dim]} of the scope, the last with a bias.
   *
   * @param qkvBias whether qkv has a bias
   */
  public WindowAttention(
      WeightScope w, int dim, int heads, boolean qkvBias, ShiftedWindows windows) {
    WeightScope q = w.in("qkv");
    Affine bias = qkvBias ? Affine.bias(q, 3 * dim) : Affine.none();
    int distances =
        RelativePositionBias.distances(windows.rows().window(), windows.columns().window());
    float[] table = w.tensor("relative_position_bias_table", distances, heads).toArray();
    this.qkv = new WindowProjection(q, dim, bias, windows);
    this.windows = windows.attention(table, heads);
    this.proj = new Linear(w.in("proj"), dim, dim);
    this.dim = dim;
    this.heads = heads;
    this.scale = (float) (1 / Math.sqrt((double) dim / heads));
    WarmUp.expect(WarmUp.Call.BIASED_ATTENTION, Activation.IDENTITY);
  }

  /**
   * {@code y = y + proj(attention(qkv(x)))}
   *
   * @param x {@code [tokens, dim]}: the rows of the map, one after the other
   */
  public void addTo(Tensor x, Tensor y, Workspace ws) {
    Mark mark = ws.mark();
    Tensor heard = ws.tensor(x.rows(), dim);
    Tensor qkvs = qkv.forward(x, ws);
    AttentionKernels.windowAttention(qkvs, windows, heads, scale, heard, ws);
    proj.addTo(heard, y, ws);
    ws.release(mark);
  }
}
