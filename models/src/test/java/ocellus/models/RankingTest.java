package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankingTest {
  /** Scores are rounded once, from double to float. */
  private static final double FLOAT_ROUNDING = 1e-7;

  private static final List<String> LABELS = IntStream.range(0, 5).mapToObj(i -> "c" + i).toList();

  @Test
  void softmaxOfKnownValues() {
    // exp(1), exp(2), exp(3) over their sum
    List<Prediction> ranked = Ranking.SINGLE_LABEL.rank(new float[] {1, 2, 3}, LABELS, 3);
    assertEquals(List.of(2, 1, 0), ranked.stream().map(Prediction::index).toList());
    assertEquals(List.of("c2", "c1", "c0"), ranked.stream().map(Prediction::label).toList());
    assertEquals(List.of(3f, 2f, 1f), ranked.stream().map(Prediction::logit).toList());
    assertEquals(0.6652409557748219, ranked.get(0).score(), FLOAT_ROUNDING);
    assertEquals(0.24472847105479764, ranked.get(1).score(), FLOAT_ROUNDING);
    assertEquals(0.09003057317038046, ranked.get(2).score(), FLOAT_ROUNDING);
  }

  @Test
  void softmaxOfLogitsThatOverflowExp() {
    List<Prediction> ranked =
        Ranking.SINGLE_LABEL.rank(new float[] {-3e38f, 1000, 3e38f}, LABELS, 3);
    assertEquals(List.of(1f, 0f, 0f), ranked.stream().map(Prediction::score).toList());
    assertEquals(List.of(2, 1, 0), ranked.stream().map(Prediction::index).toList());
  }

  @Test
  void sigmoidScoresEachClassByItself() {
    List<Prediction> ranked =
        Ranking.MULTI_LABEL.rank(new float[] {0, -1000, 1000, (float) Math.log(3)}, LABELS, 4);
    assertEquals(List.of(2, 3, 0, 1), ranked.stream().map(Prediction::index).toList());
    assertEquals(1f, ranked.get(0).score());
    assertEquals(0.75, ranked.get(1).score(), FLOAT_ROUNDING);
    assertEquals(0.5f, ranked.get(2).score());
    assertEquals(0f, ranked.get(3).score());
  }

  @Test
  void equalLogitsAreInTheOrderOfTheirIndices() {
    List<Prediction> ranked = Ranking.SINGLE_LABEL.rank(new float[] {-0f, 7, 0, 7, 0}, LABELS, 5);
    assertEquals(List.of(1, 3, 0, 2, 4), ranked.stream().map(Prediction::index).toList());
  }

  @Test
  void orderIsThatOfTheLogitsWhereScoresUnderflow() {
    List<Prediction> ranked = Ranking.SINGLE_LABEL.rank(new float[] {-500, -400, 300}, LABELS, 3);
    assertEquals(List.of(2, 1, 0), ranked.stream().map(Prediction::index).toList());
    assertEquals(0f, ranked.get(1).score());
  }

  @Test
  void noMorePredictionsThanAskedForOrThanClasses() {
    float[] logits = {1, 5, 3};
    assertEquals(
        List.of(1),
        Ranking.SINGLE_LABEL.rank(logits, LABELS, 1).stream().map(Prediction::index).toList());
    assertEquals(3, Ranking.SINGLE_LABEL.rank(logits, LABELS, Integer.MAX_VALUE).size());
  }
}
