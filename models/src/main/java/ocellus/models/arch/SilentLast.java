package ocellus.models.arch;

import java.util.concurrent.atomic.AtomicReferenceArray;
import ocellus.engine.kernels.AttentionBias;

/**
 * Biases of attention in which nobody hears the last token, itself included: of sequences whose
 * last token is padding. Made when first needed, and kept. Thread-safe.
 */
final class SilentLast {
  private final int heads;
  private final AtomicReferenceArray<AttentionBias> byLength;

  /** For sequences of up to {@code longest} tokens. */
  SilentLast(int heads, int longest) {
    this.heads = heads;
    this.byLength = new AtomicReferenceArray<>(longest + 1);
  }

  /** The bias of a sequence of {@code length} tokens. */
  AttentionBias bias(int length) {
    AttentionBias bias = byLength.get(length);
    if (bias == null) {
      bias = make(length);
      byLength.set(length, bias);
    }
    return bias;
  }

  private AttentionBias make(int length) {
    float[] row = new float[heads * length];
    for (int h = 0; h < heads; h++) {
      row[h * length + length - 1] = Float.NEGATIVE_INFINITY;
    }
    // All queries share one row.
    return AttentionBias.ofRuns(row, heads, new int[] {0, length}, new int[length]);
  }
}
