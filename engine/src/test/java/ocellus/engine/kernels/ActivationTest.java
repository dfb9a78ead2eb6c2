package ocellus.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The definitions of the activations, against values from PyTorch and C's erfc, in double. */
class ActivationTest {
  private static final double[] ARGUMENTS = {-7.5, -3.2, -1.3, -0.4, 0.3, 1.1, 2.9, 6.7};

  /** A few roundings of a result of at most 7. */
  private static final double TOLERANCE = 1e-14;

  /** Relative; next to 2.5 the series loses four digits of 1. */
  private static final double ERFC_TOLERANCE = 1e-12;

  @ParameterizedTest
  @CsvSource({
    "IDENTITY, -7.5, -3.2, -1.3, -0.4, 0.3, 1.1, 2.9, 6.7",
    "RELU, 0, 0, 0, 0, 0.3, 1.1, 2.9, 6.7",
    "RELU6, 0, 0, 0, 0, 0.3, 1.1, 2.9, 6",
    "GELU, -2.393918396847994e-13, -0.0021988414013307533, -0.1258406299612934,"
        + " -0.13783130335587032, 0.1853734266566858, 0.9507673329589791, 2.8945891414288862,"
        + " 6.69999999993018",
    "GELU_TANH, 0, -0.0018695651620843634, -0.1260709876826906, -0.13783883057264382,"
        + " 0.18537092354275922, 0.9505810461745109, 2.895033333764528, 6.699999999999927",
    "QUICK_GELU, -2.144326734469309e-05, -0.01373851989568585, -0.1282121066168159,"
        + " -0.13443310971183445, 0.1874841353815917, 0.9533838936935686, 2.879312968793458,"
        + " 6.699925245685704",
    "SILU, -0.004145839776926997, -0.12533031294964594, -0.2784145220446738,"
        + " -0.1605249359550192, 0.1723327550434977, 0.8252861161546294, 2.7487546670725886,"
        + " 6.691763029237442",
    "HARD_SWISH, 0, 0, -0.36833333333333335, -0.17333333333333334, 0.16499999999999998,"
        + " 0.7516666666666666, 2.8516666666666666, 6.7",
    "HARD_SIGMOID, 0, 0, 0.2833333333333333, 0.43333333333333335, 0.5499999999999999,"
        + " 0.6833333333333332, 0.9833333333333334, 1",
    "SIGMOID, 0.0005527786369235996, 0.039165722796764356, 0.2141650169574414,"
        + " 0.401312339887548, 0.574442516811659, 0.7502601055951177, 0.9478464369215823,"
        + " 0.9987706013787226",
    "TANH, -0.9999993881955461, -0.9966823978396512, -0.8617231593133063, -0.3799489622552249,"
        + " 0.2913126124515909, 0.8004990217606297, 0.9939631673505831, 0.999996969716367"
  })
  void hasTheValuesOfPyTorch(ArgumentsAccessor row) {
    Activation activation = row.get(0, Activation.class);
    for (int i = 0; i < ARGUMENTS.length; i++) {
      double x = ARGUMENTS[i];
      assertEquals(row.getDouble(i + 1), activation.apply(x), TOLERANCE, activation + " at " + x);
    }
  }

  @ParameterizedTest
  @EnumSource
  void keepsNaNAndTakesLimitsAtInfinity(Activation activation) {
    assertEquals(Double.NaN, activation.apply(Double.NaN));
    double far = 1e6;
    double atInfinity = activation.apply(Double.POSITIVE_INFINITY);
    double beforeInfinity = activation.apply(far);
    assertEquals(beforeInfinity == far ? Double.POSITIVE_INFINITY : beforeInfinity, atInfinity);
    double below = activation.apply(-far);
    double atNegativeInfinity = activation.apply(Double.NEGATIVE_INFINITY);
    assertEquals(below == -far ? Double.NEGATIVE_INFINITY : below, atNegativeInfinity, 0.0);
  }

  /** 2.5 is where the series gives way to the continued fraction. */
  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "1e-9, 0.9999999988716208",
    "0.1, 0.8875370839817152",
    "0.5, 0.4795001221869535",
    "1, 0.15729920705028513",
    "1.7, 0.016209541409225436",
    "2.4999, 0.0004071699003334514",
    "2.5, 0.0004069520174449589",
    "3, 2.2090496998585438e-05",
    "4.5, 1.9661604415428873e-10",
    "6, 2.1519736712498916e-17",
    "10, 2.088487583762545e-45",
    "20, 5.3958656116079005e-176",
    "-0.3, 1.3286267594591274",
    "-1, 1.842700792949715",
    "-2.6, 1.9997639655834707",
    "-6, 2",
    "40, 0",
    "-40, 2"
  })
  void hasTheErrorFunctionOfC(double x, double erfc) {
    assertEquals(erfc, Erf.erfc(x), ERFC_TOLERANCE * erfc);
  }
}
