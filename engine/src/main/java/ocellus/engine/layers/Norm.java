package ocellus.engine.layers;

import ocellus.engine.Tensor;
import ocellus.engine.WeightScope;
import ocellus.engine.Workspace;

/** Normalisation of each row over its channels. Immutable, thread-safe. */
public sealed interface Norm permits LayerNorm, RmsNorm, SimpleNorm {
  /** Which normalisation: what an architecture leaves to its configuration. */
  enum Kind {
    LAYER {
      @Override
      public Norm of(WeightScope w, int channels, double epsilon) {
        return new LayerNorm(w, channels, epsilon);
      }
    },
    RMS {
      @Override
      public Norm of(WeightScope w, int channels, double epsilon) {
        return new RmsNorm(w, channels, epsilon);
      }
    },
    SIMPLE {
      @Override
      public Norm of(WeightScope w, int channels, double epsilon) {
        return new SimpleNorm(w, channels, epsilon);
      }
    };

    /** A normalisation of this kind with the parameters of the scope. */
    public abstract Norm of(WeightScope w, int channels, double epsilon);
  }

  /**
   * @param x {@code [.., channels]}
   * @param y of x's shape; may be x
   */
  void forward(Tensor x, Tensor y, Workspace ws);
}
