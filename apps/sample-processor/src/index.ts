export {
  compare,
  readPicture,
  UnreadablePictureError,
  type Motion,
  type Picture,
  type Region,
  type Thumbnail,
} from './motion.ts';
export { createMotionDetector, type MotionDetector } from './motion-detector.ts';
export { createProcessFrame, MOTION_DETECTION, SAMPLE_PROCESSING } from './process-frame.ts';
