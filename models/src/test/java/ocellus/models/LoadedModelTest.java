package ocellus.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import ocellus.engine.OcellusException;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.threads.Threads;
import ocellus.loaders.image.ImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a loaded model adds to its network, shown with a network that does next to nothing. */
class LoadedModelTest {
  /** Its one feature is what a function makes of the only value of its image. */
  private record Scalar(UnaryOperator<Float> function, int imagesAtOnce) implements ImageModel {
    @Override
    public int inputHeight() {
      return 1;
    }

    @Override
    public int inputWidth() {
      return 1;
    }

    @Override
    public int inputChannels() {
      return 1;
    }

    @Override
    public int featureCount() {
      return 1;
    }

    @Override
    public int classCount() {
      return 2;
    }

    @Override
    public Tensor features(Tensor image, Workspace ws) {
      Tensor y = ws.tensor(1);
      y.data()[y.offset()] = function.apply(image.data()[image.offset()]);
      return y;
    }

    @Override
    public Tensor logits(Tensor features, Workspace ws) {
      Tensor y = ws.tensor(features.size(), 2);
      for (int i = 0; i < features.size(); i++) {
        float x = features.data()[features.offset() + i];
        y.data()[y.offset() + 2 * i] = x;
        y.data()[y.offset() + 2 * i + 1] = -x;
      }
      return y;
    }
  }

  private static final ModelInfo INFO =
      new ModelInfo("scalar", null, 0, Map.of(), List.of(), Optional.empty());

  private final Threads team = Threads.of(3);
  private final ModelMemory memory = new ModelMemory(team::close);

  private LoadedModel model(UnaryOperator<Float> function) {
    return model(function, 1);
  }

  private LoadedModel model(UnaryOperator<Float> function, int imagesAtOnce) {
    return new LoadedModel(
        new Scalar(function, imagesAtOnce), INFO, () -> null, Map.of(), memory, team);
  }

  private static List<Tensor> images(int count) {
    return IntStream.range(0, count).mapToObj(i -> Tensor.of(new float[] {i}, 1, 1, 1)).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 100})
  void eachImageGetsItsOwnAnswerInOrder(int imagesAtOnce) {
    try (LoadedModel model = model(x -> 3 * x + 1, imagesAtOnce)) {
      for (int count : new int[] {0, 1, 2, 3, 4, 50}) {
        List<float[]> features = model.features(images(count));
        List<float[]> logits = model.logits(images(count));
        assertEquals(count, features.size());
        for (int i = 0; i < count; i++) {
          assertArrayEquals(new float[] {3 * i + 1}, features.get(i));
          assertArrayEquals(new float[] {3 * i + 1, -(3 * i + 1)}, logits.get(i));
        }
      }
    }
  }

  @Test
  void outputThatIsNotFiniteIsAnError() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      LoadedModel model = model(x -> x == 3 ? bad : x);
      assertEquals(3, model.features(images(3)).size());
      var e = assertThrows(OcellusException.class, () -> model.logits(images(4)));
      assertEquals(
          "scalar: the network's output is not finite; its weights are damaged or overflow",
          e.getMessage());
    }
  }

  /** It would grow again, image after image, where every other one cannot be read. */
  @Test
  void anImageThatCannotBeReadLeavesTheWorkspace() {
    LoadedModel model = model(x -> x);
    List<Workspace> used = new ArrayList<>();
    assertThrows(
        ImageException.class,
        () ->
            model.features(
                images(1),
                (_, ws) -> {
                  used.add(ws);
                  ws.tensor(5);
                  throw new ImageException("damaged");
                }));
    model.features(
        images(1),
        (image, ws) -> {
          used.add(ws);
          assertTrue(ws.toString().endsWith(" 0 tensors]"), ws.toString());
          return image;
        });
    assertSame(used.get(0), used.get(1));
  }

  @Test
  void aPassThatFailsLeavesTheModelUsable() {
    LoadedModel model =
        model(
            x -> {
              if (x == 1) {
                throw new ArithmeticException("one");
              }
              return x;
            });
    for (int count : new int[] {2, 10}) {
      assertEquals(
          "one",
          assertThrows(ArithmeticException.class, () -> model.features(images(count)))
              .getMessage());
      assertEquals(1, model.features(images(1)).size());
    }
  }

  @Test
  void closingLetsRunningCallsFinishAndRefusesNewOnes() throws Exception {
    var running = new CountDownLatch(1);
    var closed = new CountDownLatch(1);
    LoadedModel model =
        model(
            x -> {
              running.countDown();
              try {
                closed.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return memory.arena().scope().isAlive() ? x : -1;
            });
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<List<float[]>> call = executor.submit(() -> model.features(images(1)));
      running.await();
      model.close();
      assertTrue(memory.arena().scope().isAlive());
      var e = assertThrows(IllegalStateException.class, () -> model.features(images(1)));
      assertEquals("the model has been closed", e.getMessage());
      closed.countDown();
      assertArrayEquals(new float[] {0}, call.get().getFirst());
    }
    assertFalse(memory.arena().scope().isAlive());
  }

  @Test
  void manyCallersAtOnceGetTheirOwnAnswers() throws Exception {
    try (LoadedModel model = model(x -> x * x);
        ExecutorService executor = Executors.newFixedThreadPool(6)) {
      List<Future<List<float[]>>> calls =
          IntStream.range(0, 60)
              .mapToObj(i -> executor.submit(() -> model.features(images(i % 7))))
              .toList();
      for (int i = 0; i < calls.size(); i++) {
        List<float[]> features = calls.get(i).get();
        assertEquals(i % 7, features.size());
        for (int j = 0; j < features.size(); j++) {
          assertArrayEquals(new float[] {j * j}, features.get(j));
        }
      }
    }
  }
}
