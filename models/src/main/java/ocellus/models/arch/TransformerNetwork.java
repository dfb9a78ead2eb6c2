package ocellus.models.arch;

import java.util.List;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.Norm;
import ocellus.models.ImageModel;

/**
 * A transformer over the patches of an image, from the parts that a family builds: embedding,
 * blocks, norms, pooling and head. Immutable, thread-safe.
 */
final class TransformerNetwork implements ImageModel {
  /**
   * Tokens of images that are run at once: a weight from memory is multiplied with all of them.
   * What a layer makes of more than these leaves L2, above all where each of two threads has images
   * of its own.
   */
  private static final int ROWS_AT_ONCE = 200;

  private static final int MOST_IMAGES = 8;

  /**
   * What it is made of; norms and head are null where there are none.
   *
   * @param normPre between embedding and blocks
   * @param norm of the tokens that leave the blocks
   * @param poolNorm of what was pooled
   */
  record Parts(
      TokenEmbedding embedding,
      Norm normPre,
      List<TransformerBlock> blocks,
      Norm norm,
      TokenPool pool,
      Norm poolNorm,
      Linear head) {}

  private final Parts parts;
  private final TokenEmbedding embedding;
  private final TransformerBlock[] blocks;
  private final int tokens; // of an image
  private final int dim;
  private final int features;

  TransformerNetwork(Parts parts) {
    this.parts = parts;
    this.embedding = parts.embedding;
    this.blocks = parts.blocks.toArray(TransformerBlock[]::new);
    this.tokens = embedding.count();
    this.dim = embedding.dim();
    this.features = parts.pool.features(dim);
  }

  @Override
  public int inputHeight() {
    return embedding.input().height();
  }

  @Override
  public int inputWidth() {
    return embedding.input().width();
  }

  @Override
  public int inputChannels() {
    return embedding.input().channels();
  }

  @Override
  public int featureCount() {
    return features;
  }

  @Override
  public int classCount() {
    return parts.head == null ? 0 : parts.head.outFeatures();
  }

  @Override
  public int embeddingCount() {
    return parts.pool.embedding(new float[features]).length;
  }

  @Override
  public float[] embedding(float[] features) {
    return parts.pool.embedding(features);
  }

  @Override
  public int imagesAtOnce() {
    return Math.clamp(ROWS_AT_ONCE / tokens, 1, MOST_IMAGES);
  }

  @Override
  public Tensor features(Tensor image, Workspace ws) {
    Tensor result = ws.tensor(features);
    Mark mark = ws.mark();
    Tensor x = ws.tensor(tokens, dim);
    embedding.forward(image, x, 0, ws); // x = [prefix; patches E] + positions   [tokens, dim]
    encode(x, 1, result, ws);
    ws.release(mark);
    return result;
  }

  @Override
  public Tensor features(List<Tensor> images, Workspace ws) {
    int count = images.size();
    Tensor results = ws.tensor(count, features);
    Mark mark = ws.mark();
    Tensor x = ws.tensor(count * tokens, dim);
    for (int i = 0; i < count; i++) {
      embedding.forward(images.get(i), x, i, ws);
    }
    encode(x, count, results, ws);
    ws.release(mark);
    return results;
  }

  /**
   * From tokens to features.
   *
   * @param x {@code [images * tokens, dim]}, destroyed
   * @param results {@code [features]} or {@code [images, features]}
   */
  private void encode(Tensor x, int images, Tensor results, Workspace ws) {
    if (parts.normPre != null) {
      parts.normPre.forward(x, x, ws); // x = norm(x)
    }
    ws.stage("embed", x);
    for (int i = 0; i < blocks.length; i++) {
      blocks[i].forward(x, images, ws); // x = block_i(x)                 [tokens, dim]
      ws.stage("blocks", i, x);
      int following = blocks.length - 1 - i;
      if (following > 0 && following < parts.pool.blocks()) {
        hear(x, following, images, results, ws);
      }
    }
    if (parts.norm != null) {
      parts.norm.forward(x, x, ws); // x = norm(x)                               [tokens, dim]
      ws.stage("norm", x);
    }
    for (int i = 0; i < images; i++) {
      Tensor image = ws.view(x, i * tokens * dim, tokens, dim);
      parts.pool.forward(image, ws.view(results, i * features, features), ws); // f = pool(x)
    }
    if (parts.poolNorm != null) {
      parts.poolNorm.forward(results, results, ws); // f = norm(f)               [features]
    }
  }

  private void hear(Tensor x, int following, int images, Tensor results, Workspace ws) {
    for (int i = 0; i < images; i++) {
      Tensor image = ws.view(x, i * tokens * dim, tokens, dim);
      Tensor result = ws.view(results, i * features, features);
      parts.pool.hear(image, following, parts.norm, result, ws);
    }
  }

  @Override
  public Tensor logits(Tensor features, Workspace ws) {
    if (parts.head == null) {
      throw new IllegalStateException("this model has no classification head");
    }
    return parts.head.forward(features, ws); // y = f W^T + b                   [classes]
  }
}
