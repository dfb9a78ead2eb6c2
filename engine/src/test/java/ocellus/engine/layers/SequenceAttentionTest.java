package ocellus.engine.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import ocellus.engine.Shape;
import ocellus.engine.Tensor;
import ocellus.engine.kernels.AttentionBias;
import ocellus.engine.kernels.Naive;
import ocellus.engine.layers.SequenceAttention.Reach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SequenceAttentionTest {
  private static final int DIM = 12;
  private static final int HEADS = 3;

  private final RandomWeights weights = new RandomWeights();

  private SequenceAttention attention(Reach reach) {
    weights.add("qkv.weight", 3 * DIM, DIM);
    weights.add("qkv.bias", 3 * DIM);
    weights.add("proj.weight", DIM, DIM);
    weights.add("proj.bias", DIM);
    return new SequenceAttention(weights.scope(), DIM, HEADS, reach, null);
  }

  /** Sequences of different lengths, an empty one among them, as if each were alone. */
  @ParameterizedTest
  @EnumSource
  void sequencesDoNotHearEachOther(Reach reach) {
    SequenceAttention attention = attention(reach);
    int[] lengths = {4, 1, 0, 17};
    Sequences all = new Sequences();
    Arrays.stream(lengths).forEach(all::add);
    Tensor x = weights.random.tensor(all.rows(), DIM);
    Tensor y = weights.random.tensor(all.rows(), DIM);
    float[] before = y.toArray();
    attention.addTo(x, all, y, weights.ws);
    for (int s = 0; s < lengths.length; s++) {
      int from = all.start(s) * DIM;
      int to = from + lengths[s] * DIM;
      Sequences one = new Sequences();
      one.add(lengths[s]);
      Tensor alone = Tensor.of(Arrays.copyOfRange(before, from, to), lengths[s], DIM);
      attention.addTo(weights.ws.view(x, from, lengths[s], DIM), one, alone, weights.ws);
      assertArrayEquals(Arrays.copyOfRange(y.toArray(), from, to), alone.toArray());
    }
  }

  @Test
  void toAllIsSelfAttention() {
    SequenceAttention attention = attention(Reach.ALL);
    Sequences three = new Sequences();
    for (int i = 0; i < 3; i++) {
      three.add(5);
    }
    Tensor x = weights.random.tensor(15, DIM);
    Tensor y = Tensor.zeros(15, DIM);
    Tensor expected = Tensor.zeros(15, DIM);
    attention.addTo(x, three, y, weights.ws);
    new SelfAttention(weights.scope(), DIM, HEADS, true, true, null)
        .addTo(x, 3, expected, weights.ws);
    assertArrayEquals(expected.toArray(), y.toArray());
  }

  /** Each token hears what the sequence that ends with it hears last. */
  @Test
  void toThePastIsAttentionOfTheBeginning() {
    SequenceAttention past = attention(Reach.PAST);
    Tensor x = weights.random.tensor(6, DIM);
    Sequences whole = new Sequences();
    whole.add(6);
    Tensor y = Tensor.zeros(6, DIM);
    past.addTo(x, whole, y, weights.ws);
    SelfAttention all = new SelfAttention(weights.scope(), DIM, HEADS, true, true, null);
    for (int tokens = 1; tokens <= 6; tokens++) {
      Tensor beginning = Tensor.zeros(tokens, DIM);
      all.addTo(weights.ws.view(x, 0, tokens, DIM), 1, beginning, weights.ws);
      int last = (tokens - 1) * DIM;
      double[] expected = Naive.widen(Arrays.copyOfRange(beginning.toArray(), last, last + DIM));
      weights.assertClose(Shape.of(DIM), expected, weights.ws.view(y, last, DIM));
    }
  }

  @Test
  void aBiasIsOfItsSequenceAlone() {
    SequenceAttention attention = attention(Reach.ALL);
    float[] silentLast = new float[HEADS * 5];
    for (int h = 0; h < HEADS; h++) {
      silentLast[h * 5 + 4] = Float.NEGATIVE_INFINITY;
    }
    Sequences both = new Sequences();
    both.add(5, AttentionBias.ofRuns(silentLast, HEADS, new int[] {0, 5}, new int[5]));
    both.add(5);
    Tensor x = weights.random.tensor(10, DIM);
    Tensor y = Tensor.zeros(10, DIM);
    attention.addTo(x, both, y, weights.ws);
    Sequences without = new Sequences();
    without.add(4);
    without.add(1);
    without.add(5);
    Tensor expected = Tensor.zeros(10, DIM);
    attention.addTo(x, without, expected, weights.ws);
    double[] four = Naive.widen(Arrays.copyOf(expected.toArray(), 4 * DIM));
    weights.assertClose(Shape.of(4, DIM), four, weights.ws.view(y, 0, 4, DIM));
    assertArrayEquals(
        Arrays.copyOfRange(expected.toArray(), 5 * DIM, 10 * DIM),
        Arrays.copyOfRange(y.toArray(), 5 * DIM, 10 * DIM));
    both.clear();
    both.add(5);
    assertNull(both.bias(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          Sequences biased = new Sequences();
          biased.add(5, AttentionBias.of(new float[HEADS * 25], HEADS, 5));
          attention(Reach.PAST).addTo(x, biased, y, weights.ws);
        });
  }

  @Test
  void sequencesAreReused() {
    Sequences sequences = new Sequences();
    assertEquals(0, sequences.rows());
    for (int i = 0; i < 40; i++) {
      sequences.add(i);
    }
    assertEquals(780, sequences.rows());
    assertEquals(39, sequences.length(39));
    assertEquals(741, sequences.start(39));
    sequences.clear();
    sequences.add(3);
    assertEquals(1, sequences.count());
    assertEquals(3, sequences.rows());
    assertEquals(0, sequences.start(0));
  }
}
