package ocellus.models.arch;

import java.util.List;
import ocellus.engine.OcellusException;
import ocellus.engine.Tensor;
import ocellus.engine.Weight;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.LayerNorm;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.SequenceAttention.Reach;
import ocellus.engine.layers.Sequences;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.tokenizer.TextTokens;
import ocellus.models.TextModel;

/**
 * The text tower of CLIP, "Learning Transferable Visual Models From Natural Language Supervision",
 * Radford et al. 2021, 2.4, and of SigLIP, "Sigmoid Loss for Language Image Pre-Training", Zhai et
 * al. 2023: a transformer over tokens, of which one is pooled, normalised and projected. As
 * transformers' {@code CLIPTextModel} and {@code SiglipTextModel} and open_clip's {@code
 * TextTransformer}. Immutable, thread-safe.
 *
 * <p>A causal tower computes no token behind the one that is pooled, since none of them changes it.
 * Where padding is masked, none of it is computed but what is pooled, which hears the text and is
 * heard by none. The table of tokens is read from the checkpoint, row by row.
 */
final class TextTransformer implements TextModel {
  /**
   * What a tower looks like.
   *
   * @param vocabulary the number of tokens there are
   * @param context the number of tokens of a text
   * @param hidden channels within the MLPs
   * @param depth the number of blocks
   * @param projection how the pooled token is mapped
   * @param features channels that it is mapped to; dim where it is not
   */
  record Config(
      int vocabulary,
      int context,
      int dim,
      int heads,
      int hidden,
      int depth,
      Activation activation,
      double epsilon,
      Reach reach,
      TextPool pool,
      Projected projection,
      int features) {
    private static final int MOST = 1 << 24;
    private static final int MOST_CONTEXT = 1 << 14;
    private static final int MOST_BLOCKS = 1 << 10;

    /**
     * This, if it makes sense.
     *
     * @param source what messages call the configuration
     * @throws CheckpointException if not
     */
    Config checked(String source) {
      require(vocabulary > 0 && vocabulary <= MOST, source, "tokens", vocabulary);
      require(context > 0 && context <= MOST_CONTEXT, source, "context length", context);
      require(heads > 0 && dim > 0 && dim <= MOST && dim % heads == 0, source, "width", dim);
      require(hidden > 0 && hidden <= MOST, source, "width of MLPs", hidden);
      require(depth >= 0 && depth <= MOST_BLOCKS, source, "number of blocks", depth);
      require(epsilon > 0, source, "epsilon of norms", epsilon);
      require(features > 0 && features <= MOST, source, "number of features", features);
      return this;
    }

    private static void require(boolean holds, String source, String what, Object value) {
      if (!holds) {
        throw new CheckpointException(
            "%s: no text tower can have the %s %s".formatted(source, what, value));
      }
    }
  }

  /** How the pooled token becomes the features. */
  enum Projected {
    NONE,
    WITHOUT_BIAS,
    WITH_BIAS,
    /** Without a bias, the matrix being stored as {@code [in, out]}. */
    TRANSPOSED
  }

  private final Config config;
  private final Weight table;
  private final float[] positions; // [context, dim]
  private final TextBlock[] blocks;
  private final LayerNorm norm;
  private final Linear projection; // null for none
  private final SilentLast silentLast;

  /**
   * {@code token_embed.weight}, {@code pos_embed}, {@code blocks}, {@code norm} and {@code proj} of
   * the scope.
   */
  TextTransformer(Config config, WeightScope w) {
    this.config = config;
    int dim = config.dim;
    silentLast = new SilentLast(config.heads, config.context);
    table = w.tensor("token_embed.weight", config.vocabulary, dim);
    positions = w.tensor("pos_embed", config.context, dim).toArray();
    blocks = new TextBlock[config.depth];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = new TextBlock(config, w.in("blocks", i));
    }
    norm = new LayerNorm(w.in("norm"), dim, config.epsilon);
    projection =
        switch (config.projection) {
          case NONE -> null;
          case WITHOUT_BIAS -> Linear.withoutBias(w.in("proj"), dim, config.features);
          case WITH_BIAS -> new Linear(w.in("proj"), dim, config.features);
          case TRANSPOSED -> Linear.transposed(w, "proj", dim, config.features);
        };
  }

  @Override
  public int contextLength() {
    return config.context;
  }

  @Override
  public int featureCount() {
    return config.features;
  }

  @Override
  public int rows(TextTokens text) {
    int pooled = config.pool.position(text.ids());
    if (config.reach == Reach.PAST) {
      return pooled - firstHeard(text, pooled) + 1;
    }
    return text.isText(pooled) ? text.length() : text.length() + 1;
  }

  /** The first token that the others of a causal tower attend to. */
  private static int firstHeard(TextTokens text, int pooled) {
    if (!text.isText(pooled)) {
      throw new OcellusException(
          pooled < text.offset()
              ? "the text tower pools a token of the padding before the text, which hears nothing;"
                  + " set padding_side in tokenizer_config.json to right"
              : "the text tower pools a token of the padding behind the text; set eos_token_id of"
                  + " text_config in config.json to the id of the end token");
    }
    return text.offset();
  }

  @Override
  public Tensor features(List<TextTokens> texts, Workspace ws) {
    Sequences sequences = ws.reusable(Sequences.class, Sequences::new);
    sequences.clear();
    for (int i = 0; i < texts.size(); i++) {
      TextTokens text = texts.get(i);
      int rows = rows(text);
      boolean endsInPadding = config.reach == Reach.ALL && rows > text.length();
      sequences.add(rows, endsInPadding ? silentLast.bias(rows) : null);
    }
    int dim = config.dim;
    Tensor result = ws.tensor(texts.size(), config.features);
    Mark mark = ws.mark();
    Tensor x = ws.tensor(sequences.rows(), dim);
    for (int i = 0; i < texts.size(); i++) {
      embed(texts.get(i), sequences.length(i), x, sequences.start(i)); // x = E[id] + position
    }
    ws.stage("text.embed", x);
    for (int i = 0; i < blocks.length; i++) {
      blocks[i].forward(x, sequences, ws); // x = block_i(x)                     [rows, dim]
      ws.stage("text.blocks", i, x);
    }
    Tensor pooled = projection == null ? result : ws.tensor(texts.size(), dim);
    for (int i = 0; i < texts.size(); i++) {
      int row = sequences.start(i) + pooledRow(texts.get(i));
      int from = x.offset() + row * dim;
      System.arraycopy(x.data(), from, pooled.data(), pooled.offset() + i * dim, dim);
    }
    norm.forward(pooled, pooled, ws); // p = norm(x[pooled])                           [texts, dim]
    ws.stage("text.norm", pooled);
    if (projection != null) {
      projection.forward(pooled, result, ws); // f = p W^T + b                [texts, features]
    }
    ws.release(mark);
    return result;
  }

  /** Which row of a text is pooled. */
  private int pooledRow(TextTokens text) {
    int pooled = config.pool.position(text.ids());
    return text.isText(pooled) || config.reach == Reach.PAST
        ? pooled - text.offset()
        : text.length();
  }

  /**
   * Writes rows of x from {@code row} on: the tokens of a text, padding left out, and behind them
   * the pooled one if that is padding.
   */
  private void embed(TextTokens text, int count, Tensor x, int row) {
    int tokens = config.reach == Reach.PAST ? count : text.length();
    for (int i = 0; i < tokens; i++) {
      embedToken(text.ids(), text.offset() + i, x, row + i);
    }
    if (tokens < count) {
      embedToken(text.ids(), config.pool.position(text.ids()), x, row + tokens);
    }
  }

  private void embedToken(int[] ids, int position, Tensor x, int row) {
    int id = ids[position];
    if (id < 0 || id >= config.vocabulary) {
      throw new OcellusException(
          "token id %d is beyond the text tower's vocabulary of %d; does the tokenizer belong to it?"
              .formatted(id, config.vocabulary));
    }
    int dim = config.dim;
    int at = x.offset() + row * dim;
    table.read((long) id * dim, x.data(), at, dim);
    for (int c = 0; c < dim; c++) {
      x.data()[at + c] += positions[position * dim + c];
    }
  }
}
