package ocellus.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import ocellus.engine.Workspace.Mark;
import ocellus.engine.kernels.Kernels;
import ocellus.engine.threads.Threads;
import org.junit.jupiter.api.Test;

class WorkspaceTest {
  /** More than the smallest array holds. */
  private static final int LARGE = 1 << 20;

  private final Workspace ws = new Workspace();

  @Test
  void givesTensorsOfTheirOwnMemory() {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      tensors.add(ws.tensor(1 + i * 1000));
      tensors.add(ws.tensor(3, 5 + i));
      tensors.add(ws.tensor(2, 3, 7 + i));
      tensors.add(ws.like(tensors.getLast()));
    }
    for (int i = 0; i < tensors.size(); i++) {
      Tensor t = tensors.get(i);
      Arrays.fill(t.data(), t.offset(), t.offset() + t.size(), i);
    }
    for (int i = 0; i < tensors.size(); i++) {
      for (float element : tensors.get(i).toArray()) {
        assertEquals(i, element);
      }
    }
    assertEquals(Shape.of(2, 3, 46), tensors.get(158).shape());
    assertEquals(Shape.of(2, 3, 46), tensors.get(159).shape());
  }

  @Test
  void startsTensorsAtTheSamePlaceOfACacheLine() {
    int first = ws.tensor(1).offset() % 16;
    for (int size : new int[] {1, 15, 16, 17, 100, LARGE, 3}) {
      assertEquals(first, ws.tensor(size).offset() % 16);
    }
  }

  @Test
  void viewsShareMemory() {
    Tensor whole = ws.tensor(4, 6);
    Tensor view = ws.view(whole, 6, 2, 6);
    Tensor map = ws.view(whole, 12, 2, 2, 3);
    assertSame(whole.data(), view.data());
    assertEquals(whole.offset() + 6, view.offset());
    assertEquals(Shape.of(2, 6), view.shape());
    assertEquals(whole.offset() + 12, map.offset());
    assertEquals(Shape.of(2, 2, 3), map.shape());
  }

  @Test
  void givesReleasedMemoryAgain() {
    Tensor kept = ws.tensor(10);
    Mark mark = ws.mark();
    Tensor first = ws.tensor(20);
    int offset = first.offset();
    ws.release(mark);
    Tensor second = ws.tensor(5, 4);
    assertEquals(offset, second.offset());
    assertSame(kept.data(), second.data());
    assertEquals(Shape.of(10), kept.shape());
  }

  @Test
  void marksNest() {
    Mark outer = ws.mark();
    int first = ws.tensor(100).offset();
    Mark inner = ws.mark();
    int second = ws.tensor(100).offset();
    ws.release(inner);
    assertEquals(second, ws.tensor(1).offset());
    ws.release(outer);
    assertEquals(first, ws.tensor(1).offset());
  }

  @Test
  void joinsItsChunksOnceAllIsReleased() {
    Mark empty = ws.mark();
    Tensor a = ws.tensor(LARGE);
    Tensor b = ws.tensor(LARGE);
    assertNotSame(a.data(), b.data());
    ws.release(empty);
    long bytes = ws.activationBytes();
    Tensor c = ws.tensor(LARGE);
    Tensor d = ws.tensor(LARGE);
    assertSame(c.data(), d.data());
    assertEquals(bytes, ws.activationBytes());
    assertTrue(bytes >= 2L * LARGE * Float.BYTES);
  }

  @Test
  void takesNoMoreThanAPassHasShownToBeNeeded() {
    for (int pass = 0; pass < 2; pass++) {
      Mark empty = ws.mark();
      int array = 0;
      for (int i = 0; i < 5; i++) {
        Mark inner = ws.mark();
        ws.tensor(16);
        array = ws.tensor(LARGE + 16 * i).data().length;
        ws.release(inner);
      }
      ws.release(empty);
      long needed = 16 + LARGE + 16 * 4;
      assertEquals(needed * Float.BYTES, ws.activationBytes());
      assertTrue(pass == 0 || array == needed + Workspace.FIRST_ALIGNED, "array of " + array);
    }
  }

  @Test
  void measuresPassesWithoutTheMemoryThatTheyTake() {
    Workspace measuring = Workspace.measuring();
    for (Workspace each : List.of(ws, measuring)) {
      Mark empty = each.mark();
      Tensor x = each.tensor(3, 4, 5);
      Mark inner = each.mark();
      Tensor y = each.like(x);
      Kernels.add(x, y, each);
      assertEquals(Shape.of(2, 5), each.view(y, 10, 2, 5).shape());
      each.release(inner);
      each.tensor(7);
      each.release(empty);
    }
    assertEquals(ws.activationBytes(), measuring.activationBytes());
    Mark empty = measuring.mark();
    for (int i = 0; i < 1000; i++) { // together more than any heap has
      measuring.tensor(1 << 15, 1 << 15);
    }
    assertEquals(1000L << 32, measuring.activationBytes());
    measuring.release(empty);
    assertEquals(10, measuring.tensor(2, 5).toArray().length);
  }

  @Test
  void keepsTensorsWhileChunksAreAdded() {
    Tensor a = ws.tensor(10);
    Mark mark = ws.mark();
    Arrays.fill(a.data(), a.offset(), a.offset() + 10, 7);
    ws.tensor(LARGE);
    ws.tensor(LARGE);
    ws.release(mark);
    ws.tensor(LARGE);
    assertEquals(7, a.toArray()[9]);
  }

  @Test
  void allocatesNothingInTheSteadyState() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 10; i++) {
      pass();
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    int passes = 1000;
    for (int i = 0; i < passes; i++) {
      pass();
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < passes, allocated + " bytes in " + passes + " passes");
  }

  private void pass() {
    Mark mark = ws.mark();
    Tensor x = ws.tensor(14, 14, 40);
    for (int block = 0; block < 3; block++) {
      Mark inner = ws.mark();
      Tensor hidden = ws.tensor(196, 160);
      ws.like(hidden);
      ws.view(x, 0, 196, 40 - block);
      ws.tensor(40);
      ws.scratch(0, 1000);
      ws.reusable(StringBuilder.class, StringBuilder::new);
      ws.stage("block", block, x);
      ws.release(inner);
    }
    ws.release(mark);
  }

  @Test
  void hasScratchForEachWorker() {
    try (Threads threads = Threads.of(3)) {
      Workspace shared = new Workspace(threads);
      assertSame(threads, shared.threads());
      float[] small = shared.scratch(2, 10);
      assertTrue(small.length >= 10);
      assertSame(small, shared.scratch(2, 5));
      assertNotSame(small, shared.scratch(1, 5));
      assertTrue(shared.scratch(2, 1000).length >= 1000);
    }
  }

  @Test
  void keepsReusableObjectsByType() {
    StringBuilder builder = ws.reusable(StringBuilder.class, StringBuilder::new);
    int[] array = ws.reusable(int[].class, () -> new int[3]);
    assertSame(builder, ws.reusable(StringBuilder.class, StringBuilder::new));
    assertSame(array, ws.reusable(int[].class, () -> new int[4]));
  }

  @Test
  void showsStagesToItsObserver() {
    Tensor x = ws.tensor(3);
    ws.stage("unseen", x);
    List<String> seen = new ArrayList<>();
    ws.observe((name, tensor) -> seen.add(name + tensor.shape()));
    ws.stage("stem", x);
    ws.stage("blocks", 2, x);
    ws.observe(null);
    ws.stage("unseen", x);
    assertEquals(List.of("stem[3]", "blocks.2[3]"), seen);
  }

  /** Those of a VGG, among others. */
  @Test
  void makesShapesOfPowersOfTwoOnce() {
    Workspace ws = new Workspace();
    List<Shape> first = shapesOfPowersOfTwo(ws);
    List<Shape> again = shapesOfPowersOfTwo(ws);
    for (int i = 0; i < first.size(); i++) {
      assertSame(first.get(i), again.get(i));
    }
  }

  private static List<Shape> shapesOfPowersOfTwo(Workspace ws) {
    List<Shape> shapes = new ArrayList<>();
    Mark mark = ws.mark();
    for (int side = 1; side <= 64; side *= 2) {
      for (int channels = 32; channels <= 512; channels *= 2) {
        shapes.add(ws.tensor(side, side, channels).shape());
      }
    }
    ws.release(mark);
    return shapes;
  }
}
