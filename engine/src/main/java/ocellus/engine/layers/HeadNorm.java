package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;

/**
 * Normalised queries and keys, "Scaling Vision Transformers to 22 Billion Parameters", Dehghani et
 * al. 2023, 2: each head by itself or all heads of a token at once. Immutable, thread-safe.
 *
 * @param query of queries
 * @param key of keys
 * @param width channels that are normalised together: a head's, or all
 */
public record HeadNorm(Norm query, Norm key, int width) implements QueryKeys {
  @Override
  public void forward(Tensor qkv, Workspace ws) {
    normalise(query, qkv, 0, ws);
    normalise(key, qkv, qkv.channels() / 3, ws);
  }

  /** The norm of the third of each row that begins at {@code first}, by way of a copy. */
  private void normalise(Norm norm, Tensor qkv, int first, Workspace ws) {
    Mark mark = ws.mark();
    int tokens = qkv.rows();
    int dim = qkv.channels() / 3;
    Tensor part = ws.tensor(tokens * (dim / width), width);
    for (int t = 0; t < tokens; t++) {
      int at = qkv.offset() + t * 3 * dim + first;
      System.arraycopy(qkv.data(), at, part.data(), part.offset() + t * dim, dim);
    }
    norm.forward(part, part, ws);
    for (int t = 0; t < tokens; t++) {
      int at = qkv.offset() + t * 3 * dim + first;
      System.arraycopy(part.data(), part.offset() + t * dim, qkv.data(), at, dim);
    }
    ws.release(mark);
  }
}
