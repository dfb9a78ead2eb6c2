package ocellus.models.arch;

import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.layers.AttentionPool;
import ocellus.engine.layers.Norm;

/** What makes of an image's tokens the vector that the head sees. Immutable, thread-safe. */
interface TokenPool {
  /** The length of the vector for tokens of {@code dim} channels. */
  int features(int dim);

  /**
   * @param tokens {@code [tokens, dim]}
   * @param features {@code [features(dim)]}
   */
  void forward(Tensor tokens, Tensor features, Workspace ws);

  /** How many of the last blocks' tokens it sees; all but the last by {@link #hear}. */
  default int blocks() {
    return 1;
  }

  /**
   * Takes what it needs of the tokens that leave a block before the last, in the order of the
   * blocks.
   *
   * @param tokens {@code [tokens, dim]}, unchanged
   * @param following the number of blocks that follow, at least 1, less than {@link #blocks}
   * @param norm of the tokens that leave the last block
   * @param features as for {@link #forward}, which comes later
   */
  default void hear(Tensor tokens, int following, Norm norm, Tensor features, Workspace ws) {
    throw new UnsupportedOperationException("sees the last block alone");
  }

  /** The vector that stands for the image, of the one that the head sees. */
  default float[] embedding(float[] features) {
    return features;
  }

  private static void copy(Tensor tokens, int count, Tensor features) {
    System.arraycopy(tokens.data(), tokens.offset(), features.data(), features.offset(), count);
  }

  private static void poolRest(
      GlobalPool pool, Tensor tokens, int skipped, Tensor features, Workspace ws) {
    int dim = tokens.channels();
    int count = tokens.rows() - skipped;
    pool.forward(ws.view(tokens, skipped * dim, 1, count, dim), features, ws);
  }

  /** The first token. */
  record ClassToken() implements TokenPool {
    @Override
    public int features(int dim) {
      return dim;
    }

    @Override
    public void forward(Tensor tokens, Tensor features, Workspace ws) {
      copy(tokens, tokens.channels(), features);
    }
  }

  /**
   * The tokens but for the first few, as {@code pool} makes one of them.
   *
   * @param skipped the number of tokens that are left out
   */
  record Pooled(GlobalPool pool, int skipped) implements TokenPool {
    @Override
    public int features(int dim) {
      return pool.features(dim);
    }

    @Override
    public void forward(Tensor tokens, Tensor features, Workspace ws) {
      poolRest(pool, tokens, skipped, features, ws);
    }
  }

  /**
   * The tokens but for the first few, as a learned query hears them.
   *
   * @param skipped the number of tokens that are left out
   */
  record Attended(AttentionPool pool, int skipped) implements TokenPool {
    @Override
    public int features(int dim) {
      return dim;
    }

    @Override
    public void forward(Tensor tokens, Tensor features, Workspace ws) {
      int dim = tokens.channels();
      pool.forward(ws.view(tokens, skipped * dim, tokens.rows() - skipped, dim), features, ws);
    }
  }

  /**
   * The first token as it leaves each of the last blocks, normalised, followed by the mean of the
   * last one's patches: what DINOv2's linear heads see.
   *
   * @param prefix the number of tokens before the patches
   */
  record ClassTokensAndMean(int blocks, int prefix) implements TokenPool {
    @Override
    public int features(int dim) {
      return (blocks + 1) * dim;
    }

    @Override
    public void hear(Tensor tokens, int following, Norm norm, Tensor features, Workspace ws) {
      int dim = tokens.channels();
      Tensor heard = ws.view(features, (blocks - 1 - following) * dim, 1, dim);
      copy(tokens, dim, heard);
      norm.forward(heard, heard, ws);
    }

    @Override
    public void forward(Tensor tokens, Tensor features, Workspace ws) {
      int dim = tokens.channels();
      copy(tokens, dim, ws.view(features, (blocks - 1) * dim, dim));
      poolRest(GlobalPool.AVERAGE, tokens, prefix, ws.view(features, blocks * dim, dim), ws);
    }
  }

  /**
   * Class and distillation token one after the other, of which each has a head of its own (Touvron
   * et al. 2021). The embedding is their mean, as timm's {@code forward_head(pre_logits=True)}.
   */
  record ClassAndDistillationToken() implements TokenPool {
    @Override
    public int features(int dim) {
      return 2 * dim;
    }

    @Override
    public void forward(Tensor tokens, Tensor features, Workspace ws) {
      copy(tokens, 2 * tokens.channels(), features);
    }

    @Override
    public float[] embedding(float[] features) {
      int dim = features.length / 2;
      float[] mean = new float[dim];
      for (int c = 0; c < dim; c++) {
        mean[c] = (features[c] + features[dim + c]) / 2;
      }
      return mean;
    }
  }
}
