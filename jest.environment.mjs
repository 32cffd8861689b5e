import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest's environment for Node in a context whose global is an ordinary object. Jest's own lies behind interceptors and a proxy: there
 * every look at `Math` or `Number` takes some microseconds, and what computes much a hundred times as long
 * (https://github.com/nodejs/node/issues/31658). Each test file has a context of its own, as before.
 */
export default class PlainGlobalEnvironment extends TestEnvironment {
  constructor(config, context) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }
}
