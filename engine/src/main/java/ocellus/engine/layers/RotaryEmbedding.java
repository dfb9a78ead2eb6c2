package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.Activation;
import ocellus.engine.kernels.AttentionKernels;
import ocellus.engine.kernels.WarmUp;

/**
 * Rotary position embedding, Su et al. 2021: the channels i and i + width / 2 of a head's query or
 * key are turned by an angle that depends on i and the token, so that scores depend on distances.
 * Immutable, thread-safe.
 */
public final class RotaryEmbedding implements QueryKeys {
  private final int skipped;
  private final int heads;
  private final float[] cosines;
  private final float[] sines;

  /**
   * @param skipped the number of tokens that come first and are not turned
   * @param angles {@code [tokens, width / 2]} of the others, in radians
   */
  public RotaryEmbedding(int skipped, int heads, double[] angles) {
    this.skipped = skipped;
    this.heads = heads;
    this.cosines = new float[angles.length];
    this.sines = new float[angles.length];
    for (int i = 0; i < angles.length; i++) {
      cosines[i] = (float) Math.cos(angles[i]);
      sines[i] = (float) Math.sin(angles[i]);
    }
    WarmUp.expect(WarmUp.Call.ROTATION, Activation.IDENTITY);
  }

  @Override
  public void forward(Tensor qkv, Workspace ws) {
    int channels = qkv.channels();
    Tensor turned = ws.view(qkv, skipped * channels, qkv.rows() - skipped, channels);
    AttentionKernels.rotate(turned, heads, cosines, sines, ws);
  }
}
