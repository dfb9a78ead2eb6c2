package ocellus.models.arch;

import ocellus.engine.WeightScope;
import ocellus.engine.kernels.Activation;
import ocellus.engine.layers.Affine;
import ocellus.engine.layers.Branch;
import ocellus.engine.layers.GatedMlp;
import ocellus.engine.layers.HeadNorm;
import ocellus.engine.layers.Linear;
import ocellus.engine.layers.LinearRows;
import ocellus.engine.layers.Mlp;
import ocellus.engine.layers.Norm;
import ocellus.engine.layers.QkvProjection;
import ocellus.engine.layers.QueryKeys;
import ocellus.engine.layers.RmsNorm;
import ocellus.engine.layers.SelfAttention;
import ocellus.models.arch.VisionTransformer.Layer;
import ocellus.models.arch.VisionTransformer.MlpKind;
import ocellus.models.arch.VisionTransformer.Norms;

/** The blocks of a {@link VisionTransformer}, with timm's names of tensors. */
final class ViTBlocks {
  private ViTBlocks() {}

  static TransformerBlock build(Layer l, WeightScope w) {
    return switch (l.block()) {
      case PRE_NORM ->
          new PreNormBlock(
              norm(l, w.in("norm1")),
              attention(l, w.in("attn"), scale(l, w.in("ls1"))),
              norm(l, w.in("norm2")),
              mlp(l, w.in("mlp"), scale(l, w.in("ls2"))));
      case POST_NORM ->
          new PostNormBlock(
              attention(l, w.in("attn"), null),
              norm(l, w.in("norm1")),
              mlp(l, w.in("mlp"), null),
              norm(l, w.in("norm2")));
      case PARALLEL -> parallel(l, w);
      case PAIRED ->
          new PairedBlock(
              attentionBranch(l, w.in("attns", 0)),
              attentionBranch(l, w.in("attns", 1)),
              mlpBranch(l, w.in("ffns", 0)),
              mlpBranch(l, w.in("ffns", 1)));
    };
  }

  private static Norm norm(Layer l, WeightScope w) {
    return l.norms().of(w, l.dim());
  }

  /** Factors of a branch; null for none. */
  private static float[] scale(Layer l, WeightScope w) {
    return l.layerScale() ? w.tensor("gamma", l.dim()).toArray() : null;
  }

  private static SelfAttention attention(Layer l, WeightScope w, float[] scale) {
    Linear qkv = QkvProjection.joint(w, l.dim(), l.qkvBias()).pack();
    Norm heard = l.norms().heard() ? norm(l, w.in("norm")) : null;
    Linear proj = SelfAttention.output(w, l.dim(), l.bias(), scale);
    return new SelfAttention(
        new SelfAttention.Parts(qkv, queryKeyNorm(l, w), null, heard, proj), l.heads());
  }

  /** Null for none. */
  private static QueryKeys queryKeyNorm(Layer l, WeightScope w) {
    Norms norms = l.norms();
    WeightScope q = w.in("q_norm");
    WeightScope k = w.in("k_norm");
    return switch (norms.queryKeys()) {
      case NONE -> null;
      case OF_EACH_HEAD -> {
        int width = l.dim() / l.heads();
        yield new HeadNorm(norms.of(q, width), norms.of(k, width), width);
      }
      case RMS_OF_ALL_HEADS -> {
        Norm query = new RmsNorm(q, l.dim(), norms.epsilon());
        yield new HeadNorm(query, new RmsNorm(k, l.dim(), norms.epsilon()), l.dim());
      }
    };
  }

  private static Branch mlp(Layer l, WeightScope w, float[] scale) {
    int width = l.hidden();
    Norm norm = l.norms().hidden() ? l.norms().of(w.in("norm"), width) : null;
    return switch (l.mlp()) {
      case PLAIN -> new Mlp(w, l.dim(), width, l.bias(), l.activation(), norm, scale);
      case GATED -> GatedMlp.packed(w, l.dim(), width, l.bias(), l.activation(), scale);
      case GATED_SEPARATE ->
          GatedMlp.separate(w, l.dim(), width, l.bias(), l.activation(), norm, scale);
    };
  }

  private static PairedBlock.Attention attentionBranch(Layer l, WeightScope w) {
    return new PairedBlock.Attention(
        norm(l, w.in("norm")), attention(l, w.in("attn"), scale(l, w.in("ls"))));
  }

  private static PairedBlock.Feed mlpBranch(Layer l, WeightScope w) {
    return new PairedBlock.Feed(norm(l, w.in("norm")), mlp(l, w.in("mlp"), scale(l, w.in("ls"))));
  }

  /** {@code in_proj} is the first layer of the MLP and, below it, the projection to q, k and v. */
  private static TransformerBlock parallel(Layer l, WeightScope w) {
    int dim = l.dim();
    int hidden = l.hidden();
    int all = hidden + 3 * dim;
    float[] bias = new float[all];
    if (l.qkvBias()) {
      w.in("in_proj").tensor("bias", all).read(0, bias, 0, all);
    } else {
      w.tensor("mlp_bias", hidden).read(0, bias, 0, hidden);
    }
    LinearRows in = new LinearRows(dim).add(w.in("in_proj"), all, bias);
    float[] scale = scale(l, w.in("ls"));
    Linear qkv = in.pack(w, hidden, all, Activation.IDENTITY);
    Linear heard = output(l, w.in("attn_out_proj"), dim, scale);
    var attention = new SelfAttention.Parts(qkv, queryKeyNorm(l, w), null, null, heard);
    Linear first = in.pack(w, 0, hidden, l.activation());
    return new ParallelBlock(
        norm(l, w.in("in_norm")),
        new SelfAttention(attention, l.heads()),
        new Mlp(first, output(l, w.in("mlp_out_proj"), hidden, scale)));
  }

  private static Linear output(Layer l, WeightScope w, int in, float[] scale) {
    Affine bias = l.bias() ? Affine.bias(w, l.dim()) : Affine.none();
    return new Linear(w, in, l.dim(), scale == null ? bias : bias.then(scale), Activation.IDENTITY);
  }

  /** Whether there is such a block: some kinds do not go together. */
  static boolean exists(Layer l) {
    boolean plain = !l.norms().heard() && !l.norms().hidden() && l.mlp() == MlpKind.PLAIN;
    return switch (l.block()) {
      case PRE_NORM, POST_NORM, PAIRED -> l.mlp() != MlpKind.GATED || !l.norms().hidden();
      case PARALLEL -> plain;
    };
  }
}
