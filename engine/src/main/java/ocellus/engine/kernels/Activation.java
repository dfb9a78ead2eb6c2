package ocellus.engine.kernels;

/**
 * Element-wise non-linearities. NaN stays NaN.
 *
 * <p>Each {@link #apply} is the definition, in double precision; the kernels compute the same in
 * single precision.
 */
public enum Activation {
  IDENTITY {
    @Override
    public double apply(double x) {
      return x;
    }
  },
  /** max(x, 0). */
  RELU {
    @Override
    public double apply(double x) {
      return x < 0 ? 0 : x;
    }
  },
  /** min(max(x, 0), 6); Howard et al. 2017. */
  RELU6 {
    @Override
    public double apply(double x) {
      return x < 0 ? 0 : x > 6 ? 6 : x;
    }
  },
  /** x Φ(x) with the exact error function; Hendrycks and Gimpel 2016. */
  GELU {
    @Override
    public double apply(double x) {
      return x == Double.NEGATIVE_INFINITY ? 0 : 0.5 * x * Erf.erfc(-x * Math.sqrt(0.5));
    }
  },
  /** GELU by its tanh approximation, as {@code gelu_pytorch_tanh} and {@code gelu_new}. */
  GELU_TANH {
    @Override
    public double apply(double x) {
      // 0.5 (1 + tanh(u)) = sigmoid(2u)
      double u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
      return x == Double.NEGATIVE_INFINITY ? 0 : x * sigmoid(2 * u);
    }
  },
  /** x sigmoid(1.702 x), as OpenAI's CLIP. */
  QUICK_GELU {
    @Override
    public double apply(double x) {
      return x == Double.NEGATIVE_INFINITY ? 0 : x * sigmoid(1.702 * x);
    }
  },
  /** x sigmoid(x), also called swish. */
  SILU {
    @Override
    public double apply(double x) {
      return x == Double.NEGATIVE_INFINITY ? 0 : x * sigmoid(x);
    }
  },
  /** x relu6(x + 3) / 6; Howard et al. 2019. */
  HARD_SWISH {
    @Override
    public double apply(double x) {
      return x == Double.NEGATIVE_INFINITY ? 0 : x * HARD_SIGMOID.apply(x);
    }
  },
  /** relu6(x + 3) / 6. */
  HARD_SIGMOID {
    @Override
    public double apply(double x) {
      return RELU6.apply(x + 3) / 6;
    }
  },
  /** 1 / (1 + exp(-x)). */
  SIGMOID {
    @Override
    public double apply(double x) {
      return sigmoid(x);
    }
  },
  TANH {
    @Override
    public double apply(double x) {
      return Math.tanh(x);
    }
  };

  /** The value at {@code x}. At negative infinity the limit, not 0 times infinity. */
  public abstract double apply(double x);

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
